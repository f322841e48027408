/* sector: where on the disk a request begins. */
struct sector_part {
	unsigned long long number;	/* of 512 bytes; all bits set where it has none */
};

#ifndef __cplusplus
static inline void sector_at_issue(void *ctx, struct request *req, struct sector_part *part) {
	READ(part->number, req->__sector);
}
#endif
