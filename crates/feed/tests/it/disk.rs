//! What happens when the disk under the index is damaged or full while it is followed.

use std::fs;
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::shop::{Shop, title};

#[tokio::test]
async fn a_flipped_bit_in_a_file_that_nobody_reads_is_found_and_the_index_replaced() {
    let mut shop = Shop::new().await;
    let rose = shop.product("rose").await;
    shop.start().await;
    let old = shop.view();

    for round in 0..2 {
        shop.mark_index();
        let before = shop.index_neighbours();
        flip_a_bit(&shop.config.index_dir);
        shop.until("another index", |_| shop.index_neighbours() != before).await;
        shop.sql(&format!("update product_translations set title = 'Round {round}'")).await;
        shop.caught_up().await;

        assert!(!shop.index_is_marked(), "the index is a new one");
        let aside = shop.index_neighbours().into_iter();
        let aside: Vec<_> = aside.filter(|name| name.contains(".quarantine-")).collect();
        assert_eq!(aside.len(), 1, "{aside:?}");
        assert_eq!(title(&shop.view(), rose).as_deref(), Some(&*format!("Round {round}")));
        shop.assert_verified().await;
    }

    assert_eq!(old.searcher.document_count(), 1, "the first view still knows its documents");
}

#[tokio::test]
async fn a_full_disk_is_reported_and_nothing_is_lost_once_there_is_space() {
    let mut shop = Shop::new().await;
    let Some(disk) = SmallDisk::mount(shop.config.index_dir.parent().unwrap()) else {
        say("a full disk was not tried: mounting one is not allowed here");
        return;
    };
    let rose = shop.product("rose").await;
    shop.start().await;
    shop.mark_index();

    disk.fill();
    shop.sql("update product_translations set title = 'Written on a full disk'").await;
    let reason = shop.broken().await;
    assert!(reason.contains("No space left on device"), "{reason}");
    assert_eq!(title(&shop.view(), rose).as_deref(), Some("A rose"), "the last view serves");
    shop.sql("update prices set minor = 777").await;
    disk.free();

    shop.until("the title", |view| title(view, rose).as_deref() == Some("Written on a full disk"))
        .await;
    shop.caught_up().await;
    assert!(shop.index_is_marked(), "the index was kept");
    shop.assert_verified().await;
    shop.stop().await;
}

#[expect(clippy::print_stderr, reason = "for people")]
fn say(line: &str) {
    eprintln!("{line}");
}

/// Flips a bit in the middle of the stored documents of some segment.
fn flip_a_bit(dir: &Path) {
    let mut files = fs::read_dir(dir).unwrap().map(|file| file.unwrap().path());
    let file = files.find(|path| path.extension().is_some_and(|kind| kind == "store")).unwrap();
    let mut bytes = fs::read(&file).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    fs::write(&file, bytes).unwrap();
}

/// A file system of its own, which is small; unmounted when dropped.
struct SmallDisk(PathBuf);

impl SmallDisk {
    /// None where mounting is not allowed.
    fn mount(at: &Path) -> Option<SmallDisk> {
        fs::create_dir_all(at).unwrap();
        let mut mount = Command::new("mount");
        mount.args(["-t", "tmpfs", "-o", "size=8m", "souk-test"]).arg(at);
        mount.output().is_ok_and(|output| output.status.success()).then(|| SmallDisk(at.to_owned()))
    }

    /// Takes all space that is free.
    fn fill(&self) {
        let mut ballast = fs::File::create(self.ballast()).unwrap();
        for length in [65_536, 1] {
            let piece = vec![7; length];
            let error = loop {
                if let Err(error) = ballast.write_all(&piece) {
                    break error;
                }
            };
            assert_eq!(error.kind(), ErrorKind::StorageFull);
        }
    }

    fn free(&self) {
        fs::remove_file(self.ballast()).unwrap();
    }

    fn ballast(&self) -> PathBuf {
        self.0.join("ballast")
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        // Views may still have files open there.
        let unmounted = Command::new("umount").arg("-l").arg(&self.0).status().unwrap();
        assert!(unmounted.success() || std::thread::panicking());
    }
}
