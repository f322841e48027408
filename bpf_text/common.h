/*
 * What block_rq.c and its parts stand on. Set by the loader: STAMPED where the kernel says
 * by flags which requests it has stamped (6.11 and later).
 */
#include <uapi/linux/ptrace.h>
#include <linux/blk-mq.h>

BPF_PERCPU_ARRAY(counts, u64, COUNTS);

/* Any of the kernel's memory. Not bpf_probe_read_kernel, which kernels before 5.5 do not have. */
#define PROBE(to, from) bpf_probe_read(&(to), sizeof(to), &(from))

/*
 * READ takes a number or a pointer of a struct of the kernel's. Where a program can tell the
 * kernel what a pointer leads to, that is a plain load, which costs next to nothing, for 40 ns
 * that the helper takes: the verifier follows the kernel's types, and where nothing is, the
 * load gives 0. AS tells it; what READ gives by a pointer that has a type has one
 * too. None has what a void * or an index leads to.
 *
 * Set by the loader, where the kernel has bpf_rdonly_cast (6.2 and later): TYPED, the number
 * of that function in its BTF, and TYPE_NAME, the number of each struct that AS is told of.
 */
#ifdef TYPED
/* The loader makes of it what clang has no words for, a call of a function of the kernel's. */
static void *(*typed)(u64 pointer, u32 type) = (void *)TYPED;
#define AS(type, pointer) typed((u64)(pointer), TYPE_##type)
/* Volatile, or two numbers that lie together are read as one, which the verifier refuses. */
#define TYPED_LOAD(from) (*(const volatile __typeof__(from) *)&(from))
#define READ(to, from) ((to) = *(const volatile __typeof__(to) *)&(from))
#else
#define AS(type, pointer) ((void *)(pointer))
#define READ(to, from) PROBE(to, from)
#endif

/* As a number: with a pointer that has a type the verifier lets nobody calculate, but what is
 * left of one that is negated is a number for it. */
static inline u64 address_of(const void *pointer) {
	u64 address = (u64)pointer;

#ifdef TYPED
	address = -address;
	asm("" : "+r"(address));
	address = -address;
#endif
	return address;
}

/*
 * When a request was allocated; 0 where that is not known: its queue has iostats off
 * (and before 6.13 no scheduler). What is there then is of an earlier request in its
 * place, in a kernel that does not clear it (seen on 6.18).
 */
static inline u64 allocated_at(struct request *req) {
	u64 ns = 0;
#ifdef STAMPED
	u32 flags = 0;

	READ(flags, req->rq_flags);
	if (!(flags & (STAMPED)))
		return 0;
#endif
	READ(ns, req->start_time_ns);
	return ns;
}

#define REQUEST_BEGIN (__builtin_offsetof(struct request, cmd_flags) & ~7UL)
#ifdef REQUEST_LAST
#define REQUEST_END (__builtin_offsetof(struct request, REQUEST_LAST) + 8)
#else
#define REQUEST_END (__builtin_offsetof(struct request, biotail) + 8)
#endif

/* A member of a struct of which the bytes from `begin` on are here. */
#define MEMBER(bytes, type, member, begin) \
	(*(__typeof__(((type *)0)->member) *)((bytes) + __builtin_offsetof(type, member) - (begin)))

