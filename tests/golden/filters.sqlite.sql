SELECT quotes_.id AS id_0, concat('{"number":', json_quote(quotes_.number), ',"lines":') AS text_1, 0 AS owner
FROM quote AS quotes_
WHERE (quotes_.valid_until < +?) IS NOT 1 AND (quotes_.account_id IN (SELECT quotes_where_1_.id
FROM account AS quotes_where_1_
WHERE quotes_where_1_.name >= +? AND quotes_where_1_.name < +?) OR (EXISTS (SELECT 1
FROM "order" AS quotes_where_2_
WHERE quotes_where_2_.quote_id = quotes_.id)) IS NOT 1) AND quotes_.status IN (SELECT quotes_where_4_.value
FROM json_each(+?) AS quotes_where_4_) AND quotes_.total >= +? ORDER BY quotes_.total DESC, quotes_.id DESC
LIMIT +? OFFSET +?
-- 2 rows

SELECT (SELECT count(*) AS count_1
FROM (SELECT 1
FROM quote AS quotes_
WHERE (quotes_.valid_until < +?) IS NOT 1 AND (quotes_.account_id IN (SELECT quotes_where_1_.id
FROM account AS quotes_where_1_
WHERE quotes_where_1_.name >= +? AND quotes_where_1_.name < +?) OR (EXISTS (SELECT 1
FROM "order" AS quotes_where_2_
WHERE quotes_where_2_.quote_id = quotes_.id)) IS NOT 1) AND quotes_.status IN (SELECT quotes_where_4_.value
FROM json_each(+?) AS quotes_where_4_) AND quotes_.total >= +?
LIMIT +? OFFSET +?) AS quotes_page_) AS anon_1, 0 AS owner
-- 1 rows

SELECT concat('{"description":', json_quote(lines_.description), '}') AS text_0, lines_keys_."key" AS owner
FROM json_each(+?) AS lines_keys_ JOIN quote_line AS lines_ ON lines_.rowid IN (SELECT lines_page_.rowid
FROM quote_line AS lines_page_
WHERE lines_page_.quote_id = unhex(lines_keys_.value) AND lines_page_.product_id IN (SELECT lines_where_1_.id
FROM product AS lines_where_1_
WHERE lines_where_1_.number = +?) ORDER BY lines_page_.position ASC, lines_page_.id ASC
LIMIT +? OFFSET +?) ORDER BY lines_keys_."key", lines_.position ASC, lines_.id ASC
-- 2 rows
