WITH p0(c0, c1, c2, c3, owner) AS (
SELECT quotes_.number AS number_0, CAST(quotes_.valid_until AS TEXT) AS valid_until_1, CAST(quotes_.total AS TEXT) AS total_2, quotes_.currency_code AS currency_code_3, '' AS owner
FROM quote AS quotes_
WHERE quotes_.valid_until < %(p0_after_0)s::DATE OR quotes_.valid_until IS NULL OR quotes_.valid_until = %(p0_after_0)s::DATE AND (quotes_.total > %(p0_after_1)s::BIGINT OR quotes_.total = %(p0_after_1)s::BIGINT AND quotes_.id > %(p0_after_2)s::UUID) ORDER BY quotes_.valid_until DESC NULLS LAST, quotes_.total ASC, quotes_.id ASC
LIMIT 3::INTEGER
), p1(c0, c1, owner) AS (
SELECT EXISTS (SELECT 1
FROM quote AS quotes_
WHERE quotes_.valid_until > %(p1_after_0)s::DATE OR quotes_.valid_until = %(p1_after_0)s::DATE AND (quotes_.total < %(p1_after_1)s::BIGINT OR quotes_.total = %(p1_after_1)s::BIGINT AND quotes_.id < %(p1_after_2)s::UUID) OR quotes_.valid_until = %(p1_after_0)s::DATE AND quotes_.total = %(p1_after_1)s::BIGINT AND quotes_.id = %(p1_after_2)s::UUID) AS anon_1, 0, '' AS owner
)
SELECT c0::TEXT, c1::TEXT, c2::TEXT, c3::TEXT, 0, owner FROM p0
UNION ALL SELECT c0::TEXT, c1::TEXT, NULL, NULL, 1, owner FROM p1
-- 4 rows

SELECT "byNumber_".number AS number_0, '' AS owner
FROM quote AS "byNumber_" ORDER BY "byNumber_".number DESC, "byNumber_".id DESC
LIMIT %(limit)s::INTEGER
-- 3 rows
