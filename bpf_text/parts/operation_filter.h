/* operation_filter: whether a request is of an operation that was asked for. OPERATIONS: a
 * bit for each that is. */
#ifndef __cplusplus
static inline int operation_filter(struct request *req) {
	u32 cmd_flags = 0;

	READ(cmd_flags, req->cmd_flags);
	return (OPERATIONS) >> (cmd_flags & 63) & 1;
}

#ifdef BIOS
static inline int operation_filter_of_bio(struct issued_t *issued) {
	return (OPERATIONS) >> (OF_REQUEST(issued, cmd_flags) & 63) & 1;
}
#endif
#endif
