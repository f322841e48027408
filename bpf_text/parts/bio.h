/*
 * bio: what other parts need of the first bio of a request, which is read at once.
 * BIO_BEGIN, BIO_END: where in struct bio that lies.
 */
#ifndef __cplusplus
#define OF_BIO(issued, member) MEMBER((issued)->bio, struct bio, member, BIO_BEGIN)
#endif
