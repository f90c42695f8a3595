SELECT search_.rank AS rank_0, search_.noun AS noun_1, search_.id AS id_2
FROM (SELECT search_entry.id AS id, search_entry.noun AS noun, CASE WHEN (substr(search_entry.title, 1, length(%(search_text)s::VARCHAR)) = %(search_text)s::VARCHAR) THEN 0 WHEN (array_to_tsvector(string_to_array(search_entry.title, ' ')) @@ CAST(%(search_title)s::VARCHAR AS TSQUERY)) THEN 1 ELSE 2 END AS rank
FROM search_entry
WHERE array_to_tsvector(string_to_array(search_entry.words, ' ')) @@ CAST(%(search_words)s::VARCHAR AS TSQUERY)) AS search_
WHERE search_.noun = any(%(where_1)s::TEXT[]) ORDER BY search_.rank ASC, search_.id DESC
LIMIT %(limit)s::INTEGER
-- 3 rows

SELECT record_opportunity_.id AS id_0, record_opportunity_.name AS name_1, record_opportunity_keys_.place
FROM unnest(%(ids)s::UUID[]) WITH ORDINALITY AS record_opportunity_keys_(value, place) JOIN opportunity AS record_opportunity_ ON record_opportunity_.id = record_opportunity_keys_.value
-- 1 rows

SELECT record_quote_.id AS id_0, record_quote_.number AS number_1, record_quote_keys_.place
FROM unnest(%(ids)s::UUID[]) WITH ORDINALITY AS record_quote_keys_(value, place) JOIN quote AS record_quote_ ON record_quote_.id = record_quote_keys_.value
-- 1 rows

SELECT quotes_.number AS number_0
FROM quote AS quotes_
WHERE quotes_.id IN (SELECT search_entry.id
FROM search_entry
WHERE search_entry.noun = 'quote' AND (array_to_tsvector(string_to_array(search_entry.words, ' ')) @@ CAST(%(search_words)s::VARCHAR AS TSQUERY))) ORDER BY quotes_.id ASC
LIMIT %(limit)s::INTEGER
-- 2 rows

SELECT (SELECT count(*) AS count_1
FROM (SELECT 1
FROM quote AS quotes_
WHERE quotes_.id IN (SELECT search_entry.id
FROM search_entry
WHERE search_entry.noun = 'quote' AND (array_to_tsvector(string_to_array(search_entry.words, ' ')) @@ CAST(%(search_words)s::VARCHAR AS TSQUERY)))
LIMIT %(limit)s::INTEGER) AS quotes_page_) AS anon_1, 0 AS place
-- 1 rows
