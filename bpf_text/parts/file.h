/*
 * file: the one whose data a request reads or writes: that of its direct I/O, where it
 * is of a filesystem with iomap; else by its first page, as one of the page cache
 * belongs to a file.
 *
 * META_BIT, SWAP_BIT: of cmd_flags. LOCKED_BIT, WRITEBACK_BIT, SWAPCACHE_BIT,
 * SWAPBACKED_BIT: of a page's flags. PAGE_HEAD: the member of struct page that leads
 * to the first page of several, compound_head, or compound_info (7.1) with
 * HAVE_COMPOUND_INFO. DENTRY_ALIAS: the member of struct dentry in an inode's list.
 * BIO_DEVICE: bi_bdev of struct bio, bi_disk before 5.12. BDEV_MOUNTED: the member of
 * struct block_device that is set while it is mounted itself, bd_super before 6.6.
 * BTRFS_BIO, BTRFS_BIO_INODE, BTRFS_DIO_BBIO, BTRFS_VFS_INODE, where btrfs is there and
 * its bios know their inode (6.3 and later): offsets of struct btrfs_bio's bio and
 * inode, of the btrfs_bio in struct btrfs_dio_private, and of the inode's vfs_inode.
 */
struct file_part {
	struct path_key key;	/* of FILE_PATH */
	unsigned long long kind;
};

enum file_kind_t {
	FILE_UNKNOWN,	/* or none: a raw device, a flush */
	FILE_PATH,
	FILE_METADATA,	/* of a filesystem */
	FILE_SWAP,
};

#ifndef __cplusplus
#define DISCONNECTED 0x20	/* DCACHE_DISCONNECTED */

/*
 * What each bi_end_io was seen to be the end of, in a word: its address, whose first
 * byte says nothing, and in place of that the kind. One that has another's place is
 * seen anew.
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

static inline void file_send_path(void *ctx, struct dentry *dentry, struct path_key *key, u64 now) {
	struct path_t *path = path_begin(key);
	struct dentry *parent = 0;
	const unsigned char *name;
	u64 hashed = 0;
	u32 flags = 0;

	if (!path)
		return;
	READ(hashed, dentry->d_hash.pprev);
	READ(parent, dentry->d_parent);
	if (!hashed && parent != dentry)
		path->flags |= PATH_DELETED;
#pragma clang loop unroll(disable)
	for (int i = 0; i < PATH_NAMES; i++) {
		parent = 0;
		name = 0;
		READ(parent, dentry->d_parent);
		if (!parent || parent == dentry) {
			/* One that was found by its handle (NFS) has no parent yet. */
			READ(flags, dentry->d_flags);
			if (!(flags & DISCONNECTED))
				path->flags |= PATH_FROM_ROOT;
			break;
		}
		READ(name, dentry->d_name.name);
		if (!path_add(path, name))
			break;
		dentry = parent;
	}
	path_send(ctx, path, now);
}

static inline u16 mode_of(struct inode *inode) {
	u16 mode = 0;

	READ(mode, inode->i_mode);
	return mode;
}
#define IS_REGULAR(mode) (((mode) & 0170000) == 0100000)
#define IS_BLOCK_DEVICE(mode) (((mode) & 0170000) == 0060000)

/* Whether a filesystem holds the block device to which this inode of its page cache
 * belongs; else it is used as it is. */
static inline int is_mounted(struct inode *inode) {
	struct bdev_inode *of = (struct bdev_inode *)((char *)inode -
						      __builtin_offsetof(struct bdev_inode, vfs_inode));
	u64 holder = 0;

	/* Not bd_holder, which a whole disk has too while a partition is mounted. */
	READ(holder, of->bdev.BDEV_MOUNTED);
	return holder != 0;
}

static inline void file_of_inode(void *ctx, struct inode *inode, struct file_part *part) {
	struct hlist_node *first = 0;
	struct path_key key = {(u64)inode};
	u32 generation = 0;
	u64 now = bpf_ktime_get_ns();

	READ(key.number, inode->i_ino);
	READ(generation, inode->i_generation);
	key.generation = generation;
	if (path_is_due(&key, now)) {
		READ(first, inode->i_dentry.first);
		if (!first)
			return;	/* btrfs keeps its metadata in an inode of its own */
		file_send_path(ctx, (struct dentry *)((char *)first -
			       __builtin_offsetof(struct dentry, DENTRY_ALIAS)), &key, now);
	}
	part->kind = FILE_PATH;
	part->key = key;
}

/* What is needed of a page lies at its beginning. */
struct page_t {
	char bytes[__builtin_offsetof(struct page, mapping) + 8] __attribute__((aligned(8)));
};
#define OF_PAGE(from, member) MEMBER((from)->bytes, struct page, member, 0)

/* Reads a page, or the first one of those that are one in the page cache. */
static inline void read_page(struct page_t *to, struct page *page) {
	unsigned long head;

	READ(to->bytes, *page);
	head = OF_PAGE(to, PAGE_HEAD);
	if (!(head & 1))
		return;
	head &= ~1UL;
#ifdef HAVE_COMPOUND_INFO
	if (!(sizeof(struct page) & (sizeof(struct page) - 1)))
		head &= (unsigned long)page;
#endif
	READ(to->bytes, *(struct page *)head);
}

#ifdef BTRFS_BIO
#define BTRFS_SUPER_MAGIC 0x9123683e

/* The bios of btrfs lie in a struct btrfs_bio, those of its direct I/O in a struct
 * btrfs_dio_private. That one does is told by its pool, and checked by what its inode is. */
static inline struct inode *btrfs_inode(struct bio *bio) {
	struct bio_set *pool = 0;
	struct super_block *sb = 0;
	char *at = 0;
	u32 pad = 0;
	u64 magic = 0;

	READ(pool, bio->bi_pool);
	if (!pool)
		return 0;
	READ(pad, pool->front_pad);
	if (pad != BTRFS_BIO && pad != BTRFS_BIO + BTRFS_DIO_BBIO)
		return 0;
	bpf_probe_read(&at, sizeof(at), (char *)bio - BTRFS_BIO + BTRFS_BIO_INODE);
	if (!at)
		return 0;
	at += BTRFS_VFS_INODE;
	READ(sb, ((struct inode *)at)->i_sb);
	if (sb)
		READ(magic, sb->s_magic);
	return magic == BTRFS_SUPER_MAGIC ? (struct inode *)at : 0;
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

	if (!whole)
		return 0;
	READ(device, bio->BIO_DEVICE);
	READ(other, whole->BIO_DEVICE);
	return device && device == other ? whole : 0;
}

/*
 * The inode that the bio of a direct I/O knows itself, whosever its pages are. What
 * bios of its kind were seen to be says where to look: to read where nothing is, is
 * slow.
 */
static inline struct inode *inode_of_bio(struct issued_t *issued) {
	struct bio *bio = OF_REQUEST(issued, bio), *whole = 0;
	void *private = OF_BIO(issued, bi_private);
	u64 ender = (u64)OF_BIO(issued, bi_end_io);

#pragma clang loop unroll(disable)
	for (int i = 0; i < 2; i++) {
		u32 place = ender * 0x9e3779b97f4a7c15ULL >> (64 - ENDER_BITS);
		u64 *word = enders.lookup(&place), seen, before, now;
		struct inode *inode = 0;

		if (!word)
			return 0;
		seen = *word;
		before = (seen ^ ender) << 8 ? FIRST_FAILURE : seen >> ENDER_KIND;
		/* One in 64 is looked at all the same: some may have been strange ones. */
		if (before >= NO_DIRECT_IO && OF_REQUEST(issued, __sector) >> 3 & 63)
			return 0;
		now = before < FIRST_FAILURE || before >= NO_DIRECT_IO ? before : before + 1;
		if (before != OF_BTRFS && before != OF_PIECES) {
			inode = iomap_inode(private, before == OF_IOMAP);
			if (inode)
				now = OF_IOMAP;
		}
#ifdef BTRFS_BIO
		if (!inode && before != OF_IOMAP && before != OF_PIECES) {
			inode = btrfs_inode(bio);
			if (inode)
				now = OF_BTRFS;
		}
#endif
		whole = 0;
		if (!inode && before != OF_IOMAP && before != OF_BTRFS) {
			whole = whole_of(bio, private);
			if (whole)
				now = OF_PIECES;
		}
		if (now != before)
			*word = ender << 8 >> 8 | now << ENDER_KIND;
		if (!whole)
			return inode;
		bio = whole;
		READ(private, bio->bi_private);
		READ(ender, bio->bi_end_io);
	}
	return 0;
}

/* The inode to whose page cache the first page belongs. */
static inline struct inode *inode_of_page(struct issued_t *issued, struct file_part *part) {
	struct bio_vec *vec = OF_BIO(issued, bi_io_vec);
	u32 index = OF_BIO(issued, bi_iter.bi_idx), is_write = OF_REQUEST(issued, cmd_flags) & 1;
	struct page *page = 0;
	struct page_t first = {};
	struct address_space *mapping;
	struct inode *inode = 0;
	u64 flags;

	if (vec)
		READ(page, vec[index].bv_page);
	if (!page)
		return 0;
	read_page(&first, page);
	mapping = OF_PAGE(&first, mapping);
	flags = *(u64 *)&OF_PAGE(&first, flags);
	if (!mapping && flags >> SWAPCACHE_BIT & flags >> SWAPBACKED_BIT & 1)
		part->kind = FILE_SWAP;
	if (!mapping || (u64)mapping & 3)
		return 0;
	READ(inode, mapping->host);
	if (IS_BLOCK_DEVICE(mode_of(inode))) {
		if (is_mounted(inode))
			part->kind = FILE_METADATA;
		return 0;
	}
	/* The kernel holds a page of the page cache while its data comes or goes. One that
	 * is only the buffer of somebody's direct I/O it does not. */
	return flags >> (is_write ? WRITEBACK_BIT : LOCKED_BIT) & 1 ? inode : 0;
}

static inline void file_at_issue(void *ctx, struct issued_t *issued, struct file_part *part) {
	u32 cmd_flags = OF_REQUEST(issued, cmd_flags);
	struct inode *inode;

	if (!OF_REQUEST(issued, bio))
		return;
	if (cmd_flags & 1U << SWAP_BIT) {
		part->kind = FILE_SWAP;
		return;
	}
	/* First: a loop disk with direct I/O hands on pages of its own filesystem's files. */
	inode = inode_of_bio(issued);
	if (!inode)
		inode = inode_of_page(issued, part);
	if (inode)
		file_of_inode(ctx, inode, part);
	if (part->kind == FILE_UNKNOWN && cmd_flags & 1U << META_BIT)
		part->kind = FILE_METADATA;
}
#endif
