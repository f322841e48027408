/* error: how a request ended. */
struct error_part {
	long long value;	/* block_rq_complete's: blk_status_t, or a negative errno before 5.16 */
};

#ifndef __cplusplus
static inline void error_at_completion(struct request *req, int error, struct error_part *part) {
	part->value = error;
}
#endif
