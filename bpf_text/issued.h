/* What an issue gave, and the part of it that is read then. */
struct issued_t {
	struct request *req;
	u64 address;
#ifdef TYPED
#ifdef BIO_BEGIN
	__typeof__(((struct request *)0)->bio) bio;
#endif
#else
	char request[REQUEST_END - REQUEST_BEGIN] __attribute__((aligned(8)));
#ifdef BIO_BEGIN
	char bio[BIO_END - BIO_BEGIN] __attribute__((aligned(8)));
#endif
#endif
#ifdef PROCESS_FILTER
	u64 submitter[3];	/* struct submitter_part */
#endif
};

#ifdef TYPED
#define OF_REQUEST(issued, member) TYPED_LOAD((issued)->req->member)

static inline void read_issued(struct issued_t *issued, struct request *req, u64 address) {
	issued->req = req;
	issued->address = address;
#ifdef BIO_BEGIN
	issued->bio = OF_REQUEST(issued, bio);
#endif
}
#else
#define OF_REQUEST(issued, member) MEMBER((issued)->request, struct request, member, REQUEST_BEGIN)

/* What is needed of a request lies together, and is read at once; so is what parts need of its
 * first bio (parts/bio.h). */
static inline void read_issued(struct issued_t *issued, struct request *req, u64 address) {
	issued->req = req;
	issued->address = address;
	bpf_probe_read(issued->request, sizeof(issued->request), (char *)req + REQUEST_BEGIN);
#ifdef BIO_BEGIN
	/* Without a bio too: then all of it is 0, which the verifier need not tell apart. */
	bpf_probe_read(issued->bio, sizeof(issued->bio), (char *)OF_REQUEST(issued, bio) + BIO_BEGIN);
#endif
}
#endif
