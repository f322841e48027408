/* sector: where on the disk a request begins. */
struct sector_part {
	unsigned long long number;	/* of 512 bytes; all bits set where it has none */
};

#ifndef __cplusplus
static inline void sector_at_issue(void *ctx, struct issued_t *issued, struct sector_part *part) {
	part->number = OF_REQUEST(issued, __sector);
}
#endif
