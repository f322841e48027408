/*
 * Bios of devices without requests, as device mapper, md and zram are: started where the block
 * layer hands one to its device, and ended where it is told that it is done. They go the way of
 * requests, in whose place they are (issued_either.h), and this goes after block_rq.c. What
 * joins the parts gives, beside what that needs,
 *
 *   WANTED_BIO(issued)                whether the bio by itself is one that was asked for
 *   AT_BIO_QUEUE(ctx, issued, entry)  what the parts take of a bio
 *
 * and where lines stand for disks
 *
 *   TELL_DISK_OF(entry)               tells the tool the disk of a bio in flight
 *
 * A bio has one queue event, whatever devices it is handed on to, and its completion is told with
 * the last one: so it is known by its address alone, and is of the device of its queue event.
 * What is cut off one that is too large has a completion at an address of its own, and no
 * queue event: a completion without an entry surprises nobody.
 */
static inline int queue_bio(void *ctx, u64 address) {
	struct bio *bio = AS(bio, address);
	struct gendisk *disk;
	struct entry_t *entry;
	struct issued_t issued;
	u64 *claimed = 0;

	/* The bio before at its address was done, or freed, and that was not shown. This one may be
	 * of another device, which was not asked for: its completion must not be taken for that. */
	if (find_entry(address) && end_entry(address))
		counts.increment(NOT_COMPLETED);
	disk = wanted_disk(bio);
	if (!disk)
		return 0;
	read_issued_bio(&issued, bio, disk, address);
	if (!WANTED_BIO(&issued) || !WANTED_AT_ISSUE(ctx, &issued))
		return filtered();
	entry = make_entry(address, &claimed);
	if (!entry) {
		counts.increment(LOST_IN_MAP);
		return 0;
	}
	AT_BIO_QUEUE(ctx, &issued, *entry);
	entry->start.data_len = OF_REQUEST(&issued, __data_len);
	entry->start.cmd_flags = OF_REQUEST(&issued, cmd_flags);
	entry->start.requeued = IS_A_BIO;
	entry->start.ts = bpf_ktime_get_ns();
	if (claimed)
		PUBLISH(claimed, address);
	return 0;
}

/* block_bio_queue(bio) */
int trace_bio_queue(struct bpf_raw_tracepoint_args *ctx) {
	return queue_bio(ctx, ctx->args[0]);
}

#ifndef ONLY_RQ
/* block_bio_queue(q, bio), before 5.11 */
int trace_bio_queue_q(struct bpf_raw_tracepoint_args *ctx) {
	return queue_bio(ctx, ctx->args[1]);
}
#endif

/* block_bio_complete(q, bio) */
int trace_bio_completion(struct bpf_raw_tracepoint_args *ctx) {
	u64 address = ctx->args[1];
	struct bio *bio = AS(bio, address);
	struct entry_t *entry = find_entry(address);
	u8 status = 0;

	if (!entry || entry->start.requeued != IS_A_BIO)
		return 0;
	READ(status, bio->bi_status);
	if (!is_filtered(entry, status))
		DELIVER(ctx, (struct request *)0, (int)status, entry);
	end_entry(address);
	return 0;
}

#ifndef TELL_DISK_OF
#define TELL_DISK_OF(entry)
#endif

/*
 * The tool runs this, as it does `ask` of a request. Nothing at its address tells whether a bio
 * is done: 1 and the age in ms of each whose completion was not seen, else 0. One that is older
 * than so many ns is given up.
 */
int ask_bio(struct bpf_raw_tracepoint_args *ctx) {
	u64 address = ctx->args[0], oldest = ctx->args[1], age;
	struct entry_t *entry = find_entry(address);

	if (!entry || entry->start.requeued != IS_A_BIO)
		return 0;
	age = bpf_ktime_get_ns() - entry->start.ts;
	if (age <= oldest) {
		TELL_DISK_OF(entry);
		return 1 + age / 1000000;
	}
	if (end_entry(address))
		counts.increment(NOT_COMPLETED);
	return 0;
}
