SELECT concat('{"number":', json_scalar(quotes_.number), '}') AS text_0, '' AS owner
FROM quote AS quotes_
WHERE quotes_.account_id IN (SELECT account_share.account_id
FROM account_share
WHERE account_share.user_id = %(viewer_id)s::UUID) AND quotes_.opportunity_id IN (SELECT quotes_where_1_.id
FROM opportunity AS quotes_where_1_
WHERE quotes_where_1_.status = %(where_1)s AND quotes_where_1_.account_id IN (SELECT account_share.account_id
FROM account_share
WHERE account_share.user_id = %(viewer_id)s::UUID)) ORDER BY quotes_.id ASC
LIMIT 25::INTEGER
-- 2 rows

SELECT concat('{"name":', json_scalar(opportunities_.name), '}') AS text_0, '' AS owner
FROM opportunity AS opportunities_
WHERE opportunities_.account_id IN (SELECT account_share.account_id
FROM account_share
WHERE account_share.user_id = %(viewer_id)s::UUID) AND opportunities_.account_id IN (SELECT opportunities_where_1_.id
FROM account AS opportunities_where_1_
WHERE opportunities_where_1_.number = %(where_1)s::VARCHAR AND opportunities_where_1_.id IN (SELECT account_share.account_id
FROM account_share
WHERE account_share.user_id = %(viewer_id)s::UUID)) AND (EXISTS (SELECT 1
FROM lead AS opportunities_where_2_
WHERE opportunities_where_2_.id = opportunities_.lead_id AND opportunities_where_2_.account_id IN (SELECT account_share.account_id
FROM account_share
WHERE account_share.user_id = %(viewer_id)s::UUID))) AND opportunities_.stage_id IN (SELECT opportunities_where_3_.id
FROM stage AS opportunities_where_3_
WHERE opportunities_where_3_.code = %(where_3)s::VARCHAR) ORDER BY opportunities_.id ASC
LIMIT 25::INTEGER
-- 1 rows
