SELECT concat('{"number":', json_quote(accounts_.number), '}') AS text_0, 0 AS owner
FROM account AS accounts_
WHERE accounts_.id IN (SELECT account_share.account_id
FROM account_share
WHERE account_share.user_id = +?) ORDER BY accounts_.id ASC
LIMIT +? OFFSET +?
-- 1 rows

SELECT quotes_.id AS id_0, concat('{"number":', json_quote(quotes_.number), ',"account":', CASE WHEN (quotes_account_.id IS NULL) THEN 'null' ELSE concat('{"name":', json_quote(quotes_account_.name), '}') END, ',"opportunity":', CASE WHEN (quotes_opportunity_.id IS NULL) THEN 'null' ELSE concat('{"name":', json_quote(quotes_opportunity_.name), '}') END, ',"lines":') AS text_1, 0 AS owner
FROM quote AS quotes_ LEFT OUTER JOIN account AS quotes_account_ ON quotes_account_.id = quotes_.account_id AND quotes_account_.id IN (SELECT account_share.account_id
FROM account_share
WHERE account_share.user_id = +?) LEFT OUTER JOIN opportunity AS quotes_opportunity_ ON quotes_opportunity_.id = quotes_.opportunity_id AND quotes_opportunity_.account_id IN (SELECT account_share.account_id
FROM account_share
WHERE account_share.user_id = +?)
WHERE quotes_.account_id IN (SELECT account_share.account_id
FROM account_share
WHERE account_share.user_id = +?) ORDER BY quotes_.id ASC
LIMIT +? OFFSET +?
-- 2 rows

SELECT (SELECT count(*) AS count_1
FROM (SELECT 1
FROM quote AS quotes_
WHERE quotes_.account_id IN (SELECT account_share.account_id
FROM account_share
WHERE account_share.user_id = +?)
LIMIT +? OFFSET +?) AS quotes_page_) AS anon_1, 0 AS owner
-- 1 rows

SELECT concat('{"description":', json_quote(lines_.description), '}') AS text_0, lines_keys_."key" AS owner
FROM json_each(+?) AS lines_keys_ JOIN quote_line AS lines_ ON lines_.rowid IN (SELECT lines_page_.rowid
FROM quote_line AS lines_page_
WHERE lines_page_.quote_id = unhex(lines_keys_.value) AND (EXISTS (SELECT quote.id
FROM quote
WHERE quote.id = lines_page_.quote_id AND quote.account_id IN (SELECT account_share.account_id
FROM account_share
WHERE account_share.user_id = +?))) ORDER BY lines_page_.position ASC, lines_page_.id ASC
LIMIT +? OFFSET +?) ORDER BY lines_keys_."key", lines_.position ASC, lines_.id ASC
-- 2 rows

SELECT (SELECT count(*) AS count_1
FROM (SELECT 1
FROM quote_line AS lines_
WHERE lines_.quote_id = unhex(lines_keys_.value) AND (EXISTS (SELECT quote.id
FROM quote
WHERE quote.id = lines_.quote_id AND quote.account_id IN (SELECT account_share.account_id
FROM account_share
WHERE account_share.user_id = +?)))
LIMIT +? OFFSET +?) AS lines_page_) AS anon_1, lines_keys_."key" AS owner
FROM json_each(+?) AS lines_keys_
-- 2 rows

SELECT concat('{"name":', json_quote(hidden_.name), '}') AS text_0
FROM account AS hidden_
WHERE hidden_.number = +? AND hidden_.id IN (SELECT account_share.account_id
FROM account_share
WHERE account_share.user_id = +?)
-- 0 rows
