/* by_partition: a line of a summary stands for a partition, of the disk that by_disk tells. As
 * partition_part. */
struct by_partition_part {
	unsigned long long number;
};

#ifndef __cplusplus
static inline void by_partition_key(struct request *req, struct entry_t *entry,
				    struct by_partition_part *key) {
#ifdef BIOS
	key->number = entry->partition.number;
#else
	struct partition_part part = {};

	partition_at_completion(req, 0, &part);
	key->number = part.number;
#endif
}
#endif
