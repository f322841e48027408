/*
 * partition: the number of the partition that a request was made to. The kernel keeps
 * it for its statistics, and not where the queue has iostats off.
 *
 * PARTITION_NUMBER: its member in what req->part points to: partno of struct hd_struct
 * before 5.11; then bd_partno of struct block_device, and since 6.10 __bd_flags. Each
 * has it in its first byte (on a little-endian machine).
 */
struct partition_part {
	unsigned long long number;	/* 0: the whole disk, or not known */
};

#ifndef __cplusplus
static inline void partition_at_completion(struct request *req, int error,
					   struct partition_part *part) {
	__typeof__(req->part) of = 0;
	u8 number = 0;

	READ(of, req->part);
	if (of)
		READ(number, of->PARTITION_NUMBER);
	part->number = number;
}

#ifdef BIOS
static inline void partition_at_issue(void *ctx, struct issued_t *issued,
				      struct partition_part *part) {
	if (issued->is_bio)
		part->number = partition_of_bio(OF_REQUEST(issued, bio));
	else
		partition_at_completion(issued->req, 0, part);
}
#endif
#endif
