SELECT search_.noun AS noun_0, search_.id AS id_1, concat('{"rank":', search_.rank, ',"record":') AS text_2, 0 AS owner
FROM (SELECT search_entry.id AS id, search_entry.noun AS noun, CASE WHEN (substr(search_entry.title, 1, length(+?)) = +?) THEN 0 WHEN (search_entry.number IN (SELECT search_index.rowid
FROM search_index
WHERE search_index MATCH +?)) THEN 1 ELSE 2 END AS rank
FROM search_entry
WHERE search_entry.number IN (SELECT search_index.rowid
FROM search_index
WHERE search_index MATCH +?)) AS search_
WHERE search_.noun IN (SELECT search_where_1_.value
FROM json_each(+?) AS search_where_1_) ORDER BY search_.rank ASC, search_.id DESC
LIMIT +? OFFSET +?
-- 3 rows

SELECT record_opportunity_.id AS id_0, concat('","name":', json_quote(record_opportunity_.name), '}') AS text_1, record_opportunity_keys_."key" AS owner
FROM json_each(+?) AS record_opportunity_keys_ JOIN opportunity AS record_opportunity_ ON record_opportunity_.id = unhex(record_opportunity_keys_.value)
-- 1 rows

SELECT record_quote_.id AS id_0, concat('","number":', json_quote(record_quote_.number), '}') AS text_1, record_quote_keys_."key" AS owner
FROM json_each(+?) AS record_quote_keys_ JOIN quote AS record_quote_ ON record_quote_.id = unhex(record_quote_keys_.value)
-- 1 rows

SELECT concat('{"number":', json_quote(quotes_.number), '}') AS text_0, 0 AS owner
FROM quote AS quotes_
WHERE quotes_.id IN (SELECT search_entry.id
FROM search_entry
WHERE search_entry.noun = 'quote' AND search_entry.number IN (SELECT search_index.rowid
FROM search_index
WHERE search_index MATCH +?)) ORDER BY quotes_.id ASC
LIMIT +? OFFSET +?
-- 1 rows

SELECT (SELECT count(*) AS count_1
FROM (SELECT 1
FROM quote AS quotes_
WHERE quotes_.id IN (SELECT search_entry.id
FROM search_entry
WHERE search_entry.noun = 'quote' AND search_entry.number IN (SELECT search_index.rowid
FROM search_index
WHERE search_index MATCH +?))
LIMIT +? OFFSET +?) AS quotes_page_) AS anon_1, 0 AS owner
-- 1 rows
