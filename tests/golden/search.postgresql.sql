SELECT search_.noun AS noun_0, CAST(search_.id AS TEXT) AS id_1, concat('{"rank":', search_.rank, ',"record":') AS text_2, row_number() OVER (ORDER BY search_.rank ASC, search_.id DESC) AS place, '' AS owner
FROM (SELECT search_entry.id AS id, search_entry.noun AS noun, CASE WHEN (substr(search_entry.title, 1, length(%(search_text)s::VARCHAR)) = %(search_text)s::VARCHAR) THEN 0 WHEN (array_to_tsvector(string_to_array(search_entry.title, ' ')) @@ CAST(%(search_title)s::VARCHAR AS TSQUERY)) THEN 1 ELSE 2 END AS rank
FROM search_entry
WHERE array_to_tsvector(string_to_array(search_entry.words, ' ')) @@ CAST(%(search_words)s::VARCHAR AS TSQUERY)) AS search_
WHERE search_.noun = any(%(where_1)s::TEXT[]) ORDER BY search_.rank ASC, search_.id DESC
LIMIT 3::INTEGER
-- 3 rows

SELECT CAST(record_opportunity_.id AS TEXT) AS id_0, concat('","name":', json_scalar(record_opportunity_.name), '}') AS text_1, CAST(record_opportunity_keys_.value AS TEXT) AS owner
FROM unnest(%(ids)s::UUID[]) AS record_opportunity_keys_(value) JOIN opportunity AS record_opportunity_ ON record_opportunity_.id = record_opportunity_keys_.value
-- 1 rows

SELECT CAST(record_quote_.id AS TEXT) AS id_0, concat('","number":', json_scalar(record_quote_.number), '}') AS text_1, CAST(record_quote_keys_.value AS TEXT) AS owner
FROM unnest(%(ids)s::UUID[]) AS record_quote_keys_(value) JOIN quote AS record_quote_ ON record_quote_.id = record_quote_keys_.value
-- 1 rows

WITH p0(c0, owner) AS (
SELECT concat('{"number":', json_scalar(quotes_.number), '}') AS text_0, '' AS owner
FROM quote AS quotes_
WHERE quotes_.id IN (SELECT search_entry.id
FROM search_entry
WHERE search_entry.noun = 'quote' AND (array_to_tsvector(string_to_array(search_entry.words, ' ')) @@ CAST(%(p0_search_words)s::VARCHAR AS TSQUERY))) ORDER BY quotes_.id ASC
LIMIT 1::INTEGER
), p1(c0, owner) AS (
SELECT (SELECT count(*) AS count_1
FROM (SELECT 1
FROM quote AS quotes_
WHERE quotes_.id IN (SELECT search_entry.id
FROM search_entry
WHERE search_entry.noun = 'quote' AND (array_to_tsvector(string_to_array(search_entry.words, ' ')) @@ CAST(%(p1_search_words)s::VARCHAR AS TSQUERY)))
LIMIT 10001::INTEGER) AS quotes_page_) AS anon_1, '' AS owner
)
SELECT c0::TEXT, 0, owner FROM p0
UNION ALL SELECT c0::TEXT, 1, owner FROM p1
-- 2 rows
