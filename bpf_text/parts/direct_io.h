/*
 * direct_io: the file of a bio of direct I/O, of a filesystem with iomap or of btrfs.
 *
 * BIO_DEVICE: bi_bdev of struct bio, bi_disk before 5.12. BTRFS_BIO, BTRFS_BIO_INODE,
 * BTRFS_DIO_BBIO, BTRFS_VFS_INODE, where btrfs is there and its bios know their inode (6.3
 * and later): offsets of struct btrfs_bio's bio and inode, of the btrfs_bio in struct
 * btrfs_dio_private, and of the inode's vfs_inode.
 */
#ifndef __cplusplus
/*
 * For each bi_end_io, in one word, what bios with it were seen to be. The upper 8 bits of
 * its address are the same for all functions: in their place stands the kind. Two that
 * share a place push each other out.
 */
enum direct_io_t {
	OF_IOMAP = 1,
	OF_BTRFS,
	OF_PIECES,	/* of another bio */
	FIRST_FAILURE,	/* nothing; counted on from here */
	NO_DIRECT_IO = FIRST_FAILURE + 9,
};
#define ENDER_BITS 10
#define ENDER_KIND 56
BPF_ARRAY(enders, u64, 1 << ENDER_BITS);

static inline u16 mode_of(struct inode *inode) {
	u16 mode = 0;

	READ(mode, inode->i_mode);
	return mode;
}
#define IS_REGULAR(mode) (((mode) & 0170000) == 0100000)

#ifdef BTRFS_BIO
#define BTRFS_SUPER_MAGIC 0x9123683e

/* The bios of btrfs lie in a struct btrfs_bio, those of its direct I/O in a struct
 * btrfs_dio_private. That one does is told by its pool, and checked by what its inode is. */
static inline struct inode *btrfs_inode(struct bio *bio) {
	struct bio_set *pool = 0;
	struct super_block *sb = 0;
	char *at = 0;
	struct inode *inode;
	u32 pad = 0;
	u64 magic = 0;

	READ(pool, bio->bi_pool);
	if (!pool)
		return 0;
	READ(pad, pool->front_pad);
	if (pad != BTRFS_BIO && pad != BTRFS_BIO + BTRFS_DIO_BBIO)
		return 0;
	PROBE(at, *(char **)(address_of(bio) - BTRFS_BIO + BTRFS_BIO_INODE));
	if (!at)
		return 0;
	inode = AS(inode, at + BTRFS_VFS_INODE);
	READ(sb, inode->i_sb);
	if (sb)
		READ(magic, sb->s_magic);
	return magic == BTRFS_SUPER_MAGIC ? inode : 0;
}
#endif

/* `is_one`: it is known to be one, else that is checked. */
static inline struct inode *iomap_inode(struct iomap_dio *dio, int is_one) {
	struct kiocb *iocb = 0;
	struct file *file = 0;
	struct address_space *mapping = 0;
	struct inode *inode = 0, *host = 0;

	if (dio)
		READ(iocb, dio->iocb);
	if (iocb)
		READ(file, iocb->ki_filp);
	if (file)
		READ(inode, file->f_inode);
	if (!inode || is_one)
		return inode;
	READ(mapping, file->f_mapping);
	if (mapping)
		READ(host, mapping->host);
	return host == inode && IS_REGULAR(mode_of(inode)) ? inode : 0;
}

/* The bio that this one is a piece of (bio_chain), as one that is too large is cut; else 0. */
static inline struct bio *whole_of(struct bio *bio, struct bio *whole) {
	void *device = 0, *other = 0;

	READ(device, bio->BIO_DEVICE);
	READ(other, whole->BIO_DEVICE);
	return device && device == other ? whole : 0;
}

static inline struct inode *seen_as(u64 *word, u64 ender, u64 kind, struct inode *inode) {
	u64 now = ender << 8 >> 8 | kind << ENDER_KIND;

	if (*word != now)
		*word = now;
	return inode;
}

/*
 * The inode that the bio of a direct I/O knows itself, whosever its pages are. What
 * bios of its kind were seen to be says where to look: to read where nothing is, is
 * slow.
 */
static inline struct inode *inode_of_bio(struct issued_t *issued) {
	struct bio *bio = OF_REQUEST(issued, bio), *whole = 0;
	u64 private = address_of(OF_BIO(issued, bi_private));
	u64 ender = address_of(OF_BIO(issued, bi_end_io));
	void *next = 0;

#pragma clang loop unroll(disable)
	for (int i = 0; i < 2; i++) {
		u32 place = ender * 0x9e3779b97f4a7c15ULL >> (64 - ENDER_BITS);
		u64 *word = enders.lookup(&place), before;
		struct inode *inode = 0;

		if (!word)
			return 0;
		before = (*word ^ ender) << 8 ? FIRST_FAILURE : *word >> ENDER_KIND;
		/* One in 64, by its sector, all the same: what failed may have been exceptions. */
		if (before >= NO_DIRECT_IO && OF_REQUEST(issued, __sector) >> 3 & 63)
			return 0;
		if (before != OF_BTRFS && before != OF_PIECES) {
			inode = iomap_inode(AS(iomap_dio, private), before == OF_IOMAP);
			if (inode)
				return seen_as(word, ender, OF_IOMAP, inode);
		}
#ifdef BTRFS_BIO
		if (before != OF_IOMAP && before != OF_PIECES) {
			inode = btrfs_inode(bio);
			if (inode)
				return seen_as(word, ender, OF_BTRFS, inode);
		}
#endif
		if (before == OF_IOMAP || before == OF_BTRFS)
			return 0;
		whole = private ? whole_of(bio, AS(bio, private)) : 0;
		if (!whole) {
			if (before < NO_DIRECT_IO && before >= FIRST_FAILURE)
				seen_as(word, ender, before + 1, 0);
			return 0;
		}
		seen_as(word, ender, OF_PIECES, 0);
		bio = whole;
		READ(next, bio->bi_private);
		private = address_of(next);
		READ(next, bio->bi_end_io);
		ender = address_of(next);
	}
	return 0;
}
#endif
