/*
 * disk_filter: whether a request is for a disk or a partition that was asked for.
 * DISK_WANTED is a condition on the words of its name and on the number of the partition,
 * 0 for none.
 *
 * PARTITION_OF_BIO: the number's member in what the bio's bi_bdev points to (5.12 and
 * later); else PARTITION_OF_REQUEST: in what the request's part does, which the kernel
 * sets for its statistics only. Neither where no partition is asked for.
 */
#ifndef __cplusplus
#ifdef PARTITION_OF_BIO
static inline u8 partition_number(struct request *req) {
	__typeof__(req->bio) bio = 0;
	__typeof__(bio->bi_bdev) device = 0;
	u8 number = 0;

	READ(bio, req->bio);
	if (bio)
		READ(device, bio->bi_bdev);
	if (device)
		READ(number, device->PARTITION_OF_BIO);
	return number;
}
#elif defined(PARTITION_OF_REQUEST)
static inline u8 partition_number(struct request *req) {
	__typeof__(req->part) device = 0;
	u8 number = 0;

	READ(device, req->part);
	if (device)
		READ(number, device->PARTITION_OF_REQUEST);
	return number;
}
#endif

static inline int is_wanted_part(struct gendisk *disk, u8 partition) {
	u64 name[DISK_NAME_WORDS] = {};

	read_disk_name(name, disk);
	return DISK_WANTED;
}

#if defined(PARTITION_OF_BIO) || defined(PARTITION_OF_REQUEST)
static inline int disk_filter(struct request *req) {
	return is_wanted_part(disk_of(req), partition_number(req));
}
#else
VERDICTS(disk_verdicts);

static inline int disk_filter(struct request *req) {
	u64 of = address_of(disk_owner(req));
	u32 place = VERDICT_PLACE(of);
	struct verdict_t *verdict = disk_verdicts.lookup(&place);
	struct gendisk *disk;
	int known = verdict_on(verdict, of);

	if (known >= 0)
		return known;
	disk = disk_of(req);
	/* A queue may have requests before it has its disk. */
	return disk ? keep_verdict(verdict, of, is_wanted_part(disk, 0)) : 0;
}
#endif

/* Of a bio that is asked with what else its device is (bio_device.h). */
#define disk_filter_of_bio(issued) 1
#endif
