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

/* What each bi_end_io was seen to be the end of. */
enum direct_io_t {
	OF_IOMAP = 1,
	OF_BTRFS,
	FIRST_FAILURE,	/* neither; counted on from here */
	NO_DIRECT_IO = FIRST_FAILURE + 9,
};
BPF_HASH(enders, u64, u32, 256);

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
#define IS_BLOCK_DEVICE(mode) (((mode) & 0170000) == 0060000)

/* Of the page cache of a block device that a filesystem holds, or of one that is used
 * as it is. */
static inline u64 kind_of_block_device(struct inode *inode, u32 cmd_flags) {
	struct bdev_inode *of = (struct bdev_inode *)((char *)inode -
						      __builtin_offsetof(struct bdev_inode, vfs_inode));
	u64 holder = 0;

	/* Not bd_holder, which a whole disk has too while a partition is mounted. */
	READ(holder, of->bdev.BDEV_MOUNTED);
	return holder || cmd_flags & 1U << META_BIT ? FILE_METADATA : FILE_UNKNOWN;
}

static inline void file_of_inode(void *ctx, struct inode *inode, u32 cmd_flags,
				 struct file_part *part) {
	struct hlist_node *first = 0;
	u32 generation = 0;
	u64 now;

	READ(first, inode->i_dentry.first);
	if (!first) {
		/* btrfs keeps its metadata in an inode of its own. */
		part->kind = cmd_flags & 1U << META_BIT ? FILE_METADATA : FILE_UNKNOWN;
		return;
	}
	part->kind = FILE_PATH;
	part->key.object = (u64)inode;
	READ(part->key.number, inode->i_ino);
	READ(generation, inode->i_generation);
	part->key.generation = generation;
	now = bpf_ktime_get_ns();
	if (path_is_due(&part->key, now))
		file_send_path(ctx, (struct dentry *)((char *)first -
			       __builtin_offsetof(struct dentry, DENTRY_ALIAS)), &part->key, now);
}

/* The first page of those that are one in the page cache. */
static inline struct page *head_of(struct page *page) {
	unsigned long head = 0;

	READ(head, page->PAGE_HEAD);
	if (!(head & 1))
		return page;
#ifdef HAVE_COMPOUND_INFO
	if (!(sizeof(struct page) & (sizeof(struct page) - 1)))
		return (struct page *)((unsigned long)page & (head & ~1UL));
#endif
	return (struct page *)(head - 1);
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

static inline struct inode *iomap_inode(struct bio *bio) {
	struct iomap_dio *dio = 0;
	struct kiocb *iocb = 0;
	struct file *file = 0;
	struct address_space *mapping = 0;
	struct inode *inode = 0, *host = 0;

	READ(dio, bio->bi_private);
	if (dio)
		READ(iocb, dio->iocb);
	if (iocb)
		READ(file, iocb->ki_filp);
	if (file) {
		READ(mapping, file->f_mapping);
		READ(inode, file->f_inode);
	}
	if (mapping)
		READ(host, mapping->host);
	return host == inode ? inode : 0;
}

/* The inode whose direct I/O a bio is; a probe of an address that is none is slow. */
static inline struct inode *direct_io_inode(struct bio *bio) {
	struct inode *inode = 0;
	u64 ender = 0;
	u32 *seen, verdict = FIRST_FAILURE;

	READ(ender, bio->bi_end_io);
	seen = enders.lookup(&ender);
	if (seen && *seen >= NO_DIRECT_IO)
		return 0;
	if (!seen || *seen != OF_BTRFS) {
		inode = iomap_inode(bio);
		if (inode)
			verdict = OF_IOMAP;
	}
#ifdef BTRFS_BIO
	if (!inode && (!seen || *seen != OF_IOMAP)) {
		inode = btrfs_inode(bio);
		if (inode)
			verdict = OF_BTRFS;
	}
#endif
	if (!seen)
		enders.update(&ender, &verdict);
	else if (inode)
		*seen = verdict;
	else if (*seen >= FIRST_FAILURE)
		*seen += 1;
	return inode;
}

/* The bio that this one is a piece of (bio_chain), as one that is too large is cut; else 0. */
static inline struct bio *whole_of(struct bio *bio) {
	struct bio *whole = 0;
	void *device = 0, *other = 0;

	READ(whole, bio->bi_private);
	if (!whole)
		return 0;
	READ(device, bio->BIO_DEVICE);
	READ(other, whole->BIO_DEVICE);
	return device && device == other ? whole : 0;
}

/* The inode that a bio itself knows, whosever its pages are. */
static inline struct inode *inode_of(struct bio *bio) {
	struct inode *inode = direct_io_inode(bio);
	struct bio *whole;

	if (inode)
		return inode;
	whole = whole_of(bio);
	return whole ? direct_io_inode(whole) : 0;
}

static inline void file_at_issue(void *ctx, struct request *req, struct file_part *part) {
	struct bio *bio = 0;
	struct bio_vec *vec = 0;
	struct page *page = 0;
	struct address_space *mapping = 0;
	struct inode *inode = 0;
	u32 cmd_flags = 0, index = 0;
	u64 flags = 0;

	READ(bio, req->bio);
	READ(cmd_flags, req->cmd_flags);
	if (!bio)
		return;
	if (cmd_flags & 1U << SWAP_BIT) {
		part->kind = FILE_SWAP;
		return;
	}
	/* First: a loop disk with direct I/O hands on pages of its own filesystem's files. */
	inode = inode_of(bio);
	if (inode) {
		file_of_inode(ctx, inode, cmd_flags, part);
		return;
	}
	READ(vec, bio->bi_io_vec);
	if (!vec)
		return;
	READ(index, bio->bi_iter.bi_idx);
	READ(page, vec[index].bv_page);
	if (!page)
		return;
	page = head_of(page);
	READ(mapping, page->mapping);
	READ(flags, page->flags);
	if (mapping && !((u64)mapping & 3)) {
		READ(inode, mapping->host);
		if (IS_BLOCK_DEVICE(mode_of(inode))) {
			part->kind = kind_of_block_device(inode, cmd_flags);
			return;
		}
		/* The kernel holds a page of the page cache while its data comes or goes.
		 * One that is only the buffer of somebody's direct I/O it does not. */
		if (!(flags >> (cmd_flags & 1 ? WRITEBACK_BIT : LOCKED_BIT) & 1))
			inode = 0;
	} else if (!mapping && (flags >> SWAPCACHE_BIT & flags >> SWAPBACKED_BIT & 1)) {
		part->kind = FILE_SWAP;
		return;
	}
	if (inode)
		file_of_inode(ctx, inode, cmd_flags, part);
	else if (cmd_flags & 1U << META_BIT)
		part->kind = FILE_METADATA;
}
#endif
