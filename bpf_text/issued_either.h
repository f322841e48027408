/*
 * In place of issued.h, where bios are traced too: what the issue of a request gave, or a bio of
 * a device without requests. A bio is told as the request that it would be by itself, so that
 * what a part takes of a request it takes of a bio as well, but those that `only_requests` of
 * tracepoint/parts names. What lies elsewhere (its device: parts/bio_device.h) asks `is_bio`.
 */
#define OF(member) __typeof__(((struct request *)0)->member) member
struct members_t {
	OF(cmd_flags);
	OF(rq_flags);
	OF(__data_len);
	OF(__sector);
	OF(bio);
	OF(biotail);
	OF(start_time_ns);
};
#undef OF

struct issued_t {
	struct request *req;	/* 0: of a bio */
	u64 address;
	u64 is_bio;
	struct gendisk *disk;	/* of a bio */
	struct members_t request;
#ifdef BIO_BEGIN
#ifdef TYPED
	__typeof__(((struct request *)0)->bio) bio;
#else
	char bio[BIO_END - BIO_BEGIN] __attribute__((aligned(8)));
#endif
#endif
#ifdef PROCESS_FILTER
	u64 submitter[3];	/* struct submitter_part */
#endif
};
#define OF_REQUEST(issued, member) ((issued)->request.member)

/* The first bio, or the bio. */
static inline void read_first_bio(struct issued_t *issued) {
#ifdef BIO_BEGIN
#ifdef TYPED
	issued->bio = issued->request.bio;
#else
	bpf_probe_read(issued->bio, sizeof(issued->bio), (char *)issued->request.bio + BIO_BEGIN);
#endif
#endif
}

static inline void read_issued(struct issued_t *issued, struct request *req, u64 address) {
#ifdef TYPED
#define TAKE(member) issued->request.member = TYPED_LOAD(req->member)
#else
	char bytes[REQUEST_END - REQUEST_BEGIN] __attribute__((aligned(8)));
#define TAKE(member) issued->request.member = MEMBER(bytes, struct request, member, REQUEST_BEGIN)
	bpf_probe_read(bytes, sizeof(bytes), (char *)req + REQUEST_BEGIN);
#endif
	issued->req = req;
	issued->address = address;
	issued->is_bio = 0;
	issued->disk = 0;
	TAKE(cmd_flags);
	TAKE(rq_flags);
	TAKE(__data_len);
	TAKE(__sector);
	TAKE(bio);
	TAKE(biotail);
#ifdef REQUEST_LAST
	TAKE(start_time_ns);
#endif
#undef TAKE
	read_first_bio(issued);
}

/*
 * Its size and its sector are those at its queue: they go on as it is done. A flush without data
 * is a write of nothing as a bio, and as a request an operation of its own (REQ_OP_FLUSH).
 */
static inline void read_issued_bio(struct issued_t *issued, struct bio *bio, struct gendisk *disk,
				   u64 address) {
	issued->req = 0;
	issued->address = address;
	issued->is_bio = 1;
	issued->disk = disk;
	READ(issued->request.cmd_flags, bio->bi_opf);
	READ(issued->request.__data_len, bio->bi_iter.bi_size);
	READ(issued->request.__sector, bio->bi_iter.bi_sector);
	if (!issued->request.__data_len && issued->request.cmd_flags >> PREFLUSH_BIT & 1)
		issued->request.cmd_flags = (issued->request.cmd_flags & ~0xffU) | 2;
	issued->request.bio = bio;
	issued->request.biotail = bio;
	read_first_bio(issued);
}
