/*
 * bio_device: the device that a bio is queued at, if it has no requests and was asked for.
 *
 * PREFLUSH_BIT: of cmd_flags (issued_either.h). BIO_BDEV, since 5.12: the member of struct
 * block_device that has the number of the partition, in its first byte; before, a bio knows its
 * partition no more where it is queued.
 */
#ifndef __cplusplus
#ifdef BIO_BDEV
typedef struct block_device bio_device_t;
#define BIO_DEVICE_MEMBER bi_bdev

static inline struct gendisk *disk_of_device(struct block_device *device) {
	struct gendisk *disk = 0;

	if (device)
		READ(disk, device->bd_disk);
	return disk;
}

static inline u8 partition_of_bio(struct bio *bio) {
	struct block_device *device = 0;
	u8 number = 0;

	READ(device, bio->bi_bdev);
	if (device)
		READ(number, device->BIO_BDEV);
	return number;
}
#else
typedef struct gendisk bio_device_t;
#define BIO_DEVICE_MEMBER bi_disk
#define disk_of_device(device) (device)
#define partition_of_bio(bio) 0
#endif

/* Its bios become requests, which are traced as such (queue_is_mq() in linux/blkdev.h). */
static inline int has_requests(struct gendisk *disk) {
	struct request_queue *q = 0;
	const struct blk_mq_ops *ops = 0;

	READ(q, disk->queue);
	READ(ops, q->mq_ops);
	return ops != 0;
}

VERDICTS(bio_verdicts);

/* 0 if its device is none whose bios are asked for. Most bios are of disks with requests: what
 * a device is is remembered for a while. */
static inline struct gendisk *wanted_disk(struct bio *bio) {
	bio_device_t *device = 0;
	struct verdict_t *verdict;
	struct gendisk *disk;
	u64 of;
	u32 place;
	int wanted;

	READ(device, bio->BIO_DEVICE_MEMBER);
	of = address_of(device);
	place = VERDICT_PLACE(of);
	verdict = bio_verdicts.lookup(&place);
	wanted = verdict_on(verdict, of);
	if (!wanted)
		return 0;
	disk = disk_of_device(device);
	if (wanted > 0 || !disk)
		return disk;
	wanted = !has_requests(disk);
#ifdef DISK_WANTED
	wanted = wanted && is_wanted_part(disk, partition_of_bio(bio));
#endif
	return keep_verdict(verdict, of, wanted) ? disk : 0;
}

/* The disk, and the number of the partition, of what was issued. */
#define DISK_OF(issued) ((issued)->is_bio ? (issued)->disk : disk_of((issued)->req))
#endif
