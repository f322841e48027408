/* What block_bio.c and the tool share beside block_rq.h. */
#ifndef DISKSNOOP_BLOCK_BIO_H
#define DISKSNOOP_BLOCK_BIO_H

/* In `requeued` of a start_t: it is no request, but a bio, which no driver gives back. */
#define IS_A_BIO 2

#endif
