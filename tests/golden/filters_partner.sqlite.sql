SELECT concat('{"number":', json_quote(quotes_.number), '}') AS text_0, 0 AS owner
FROM quote AS quotes_
WHERE quotes_.account_id IN (SELECT account_share.account_id
FROM account_share
WHERE account_share.user_id = +?) AND quotes_.opportunity_id IN (SELECT quotes_where_1_.id
FROM opportunity AS quotes_where_1_
WHERE quotes_where_1_.status = +? AND quotes_where_1_.account_id IN (SELECT account_share.account_id
FROM account_share
WHERE account_share.user_id = +?)) ORDER BY quotes_.id ASC
LIMIT +? OFFSET +?
-- 2 rows

SELECT concat('{"name":', json_quote(opportunities_.name), '}') AS text_0, 0 AS owner
FROM opportunity AS opportunities_
WHERE opportunities_.account_id IN (SELECT account_share.account_id
FROM account_share
WHERE account_share.user_id = +?) AND opportunities_.account_id IN (SELECT opportunities_where_1_.id
FROM account AS opportunities_where_1_
WHERE opportunities_where_1_.number = +? AND opportunities_where_1_.id IN (SELECT account_share.account_id
FROM account_share
WHERE account_share.user_id = +?)) AND (EXISTS (SELECT 1
FROM lead AS opportunities_where_2_
WHERE opportunities_where_2_.id = opportunities_.lead_id AND opportunities_where_2_.account_id IN (SELECT account_share.account_id
FROM account_share
WHERE account_share.user_id = +?))) AND opportunities_.stage_id IN (SELECT opportunities_where_3_.id
FROM stage AS opportunities_where_3_
WHERE opportunities_where_3_.code = +?) ORDER BY opportunities_.id ASC
LIMIT +? OFFSET +?
-- 1 rows
