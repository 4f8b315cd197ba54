-- A picture is an outside address or a file of the shop's own, named by the SHA-256 of what was uploaded.
-- Undo: delete the rows with a hash, drop the new columns, set url not null, drop media_translations.

alter table media alter column url drop not null;
alter table media
    add column hash   text,
    add column width  integer,
    add column height integer,
    -- Size of the upload.
    add column bytes  integer,
    add constraint media_url_or_hash check (num_nonnulls(url, hash) = 1),
    add constraint media_hash_is_sha256 check (hash ~ '^[0-9a-f]{64}$'),
    add constraint media_size_known check (hash is null or (width > 0 and height > 0 and bytes > 0)),
    add constraint media_hash_once unique (product_id, hash);
create index media_by_hash on media (hash) where hash is not null;

-- What somebody who cannot see the picture is told; not shown by search, hence not in the publication.
create table media_translations (
    media_id bigint not null references media (id) on delete cascade,
    lang     text   not null,
    alt      text   not null,
    primary key (media_id, lang),
    constraint media_translations_lang_known check (lang in ('ar', 'en', 'ru', 'kk')),
    constraint media_translations_alt_not_blank check (btrim(alt) <> ''),
    constraint media_translations_alt_short check (length(alt) <= 500)
);
