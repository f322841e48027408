/*
 * bio: what other parts need of the first bio of a request.
 * BIO_BEGIN, BIO_END: where in struct bio that lies.
 */
#ifndef __cplusplus
#ifdef TYPED
#define OF_BIO(issued, member) TYPED_LOAD((issued)->bio->member)
#else
#define OF_BIO(issued, member) MEMBER((issued)->bio, struct bio, member, BIO_BEGIN)
#endif
#endif
