/* by_disk: a line of a summary stands for a disk. */
struct by_disk_part {
	char name[32];	/* DISK_NAME_LEN */
};

#ifndef __cplusplus
static inline void by_disk_key(struct request *req, struct entry_t *entry, struct by_disk_part *key) {
#ifdef BIOS
	u64 *to = (u64 *)key->name, *from = (u64 *)entry->disk.name;

	for (int i = 0; i < DISK_NAME_WORDS; i++)
		to[i] = from[i];
#else
	read_disk_name((u64 *)key->name, disk_of(req));
#endif
}

/* The disk of the request in flight that was asked for last (`ask` in block_rq.c). */
BPF_F_TABLE("array", u32, struct by_disk_part, asked, 1, BPF_F_MMAPABLE);

static inline void tell_disk(struct request *req) {
	u32 zero = 0;
	struct by_disk_part *disk = asked.lookup(&zero);

	if (disk)
		read_disk_name((u64 *)disk->name, disk_of(req));
}
#define TELL_DISK(req) tell_disk(req)

#ifdef BIOS
static inline void tell_disk_of(struct entry_t *entry) {
	u32 zero = 0;
	struct by_disk_part *disk = asked.lookup(&zero);

	if (disk)
		by_disk_key(0, entry, disk);
}
#define TELL_DISK_OF(entry) tell_disk_of(entry)
#endif
#endif
