//! Zip archives of files that are stored as they are, with right checksums.

fn sizes(numbers: &[usize]) -> Vec<u8> {
    let bytes = numbers
        .iter()
        .map(|&n| u32::try_from(n).unwrap().to_le_bytes());
    bytes.flatten().collect()
}

/// An archive of these files.
pub fn zip(files: &[(&str, &[u8])]) -> Vec<u8> {
    let (mut all, mut directory) = (Vec::new(), Vec::new());
    for (name, content) in files {
        let length = u16::try_from(name.len()).unwrap().to_le_bytes();
        let common = [
            &[20, 0, 0, 0, 0, 0, 0, 0, 0, 0],
            &crc32fast::hash(content).to_le_bytes()[..],
            &sizes(&[content.len(); 2]),
            &length,
        ]
        .concat();
        let entry = [b"PK\x01\x02\x14\x00", &common[..], &[0; 12]].concat();
        directory.extend([&entry, &sizes(&[all.len()])[..], name.as_bytes()].concat());
        let local = [b"PK\x03\x04", &common[..], &[0, 0], name.as_bytes()].concat();
        all.extend(local);
        all.extend(*content);
    }
    let count = u16::try_from(files.len()).unwrap().to_le_bytes();
    let end = [
        b"PK\x05\x06\0\0\0\0",
        &count[..],
        &count,
        &sizes(&[directory.len(), all.len()]),
        &[0; 2],
    ]
    .concat();
    [all, directory, end].concat()
}

/// The files of an archive that are stored as they are.
pub fn stored(archive: &[u8]) -> Vec<(String, Vec<u8>)> {
    let mut found = Vec::new();
    let mut rest = archive;
    while rest.starts_with(b"PK\x03\x04") {
        let number = |at: usize, bytes: usize| {
            let digits = rest[at..at + bytes].iter().rev();
            digits.fold(0, |n, &byte| n << 8 | usize::from(byte))
        };
        let (size, name, more) = (number(18, 4), number(26, 2), number(28, 2));
        let text = String::from_utf8(rest[30..30 + name].to_vec()).unwrap();
        let from = 30 + name + more;
        found.push((text, rest[from..from + size].to_vec()));
        rest = &rest[from + size..];
    }
    found
}
