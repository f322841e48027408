/* pattern: whether a request begins where the last one of its disk ended. */
struct pattern_part {
	unsigned int is_known;
	unsigned int is_sequential;
};

#ifndef __cplusplus
/* The sector after the last request that was issued, by the disk's address. */
BPF_TABLE("lru_hash", struct gendisk *, u64, next_sectors, 1024);

static inline void pattern_at_issue(void *ctx, struct issued_t *issued, struct pattern_part *part) {
	struct gendisk *disk = DISK_OF(issued);
	u64 sector = OF_REQUEST(issued, __sector), after, *next;
	u32 bytes = OF_REQUEST(issued, __data_len);

	if (!bytes || sector == ~0ULL)
		return;
	after = sector + (bytes >> 9);
	next = next_sectors.lookup(&disk);
	if (!next) {
		next_sectors.update(&disk, &after);
		return;
	}
	part->is_known = 1;
	part->is_sequential = *next == sector;
	*next = after;
}
#endif
