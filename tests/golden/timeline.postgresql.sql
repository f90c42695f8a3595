SELECT lead_.topic AS topic_0, CAST(lead_.id AS TEXT) AS id_1, CAST(lead_.chain_id AS TEXT) AS chain_id_2
FROM lead AS lead_
WHERE lead_.id = %(key)s::UUID
-- 1 rows

SELECT timeline_page_.kind_0, timeline_page_.type_1, timeline_page_.created_at_2, timeline_page_.actor_id_3, timeline_page_.actor_name_4, timeline_page_."causedBy_id_5", timeline_page_."causedBy_kind_6", timeline_page_."causedBy_type_7", timeline_page_.subject_type_8, timeline_page_.subject_id_9, timeline_page_.typed_changes_10, timeline_page_.to_status_11, CAST(timeline_keys_.value AS TEXT) AS owner
FROM unnest(%(ids)s::UUID[]) AS timeline_keys_(value) JOIN LATERAL (SELECT timeline_.kind AS kind_0, timeline_.type AS type_1, to_char(timezone('UTC', timeline_.created_at), 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') AS created_at_2, CAST(timeline_actor_.id AS TEXT) AS actor_id_3, timeline_actor_.name AS actor_name_4, CAST("timeline_causedBy_".id AS TEXT) AS "causedBy_id_5", "timeline_causedBy_".kind AS "causedBy_kind_6", "timeline_causedBy_".type AS "causedBy_type_7", timeline_.subject_type AS subject_type_8, CAST(timeline_.subject_id AS TEXT) AS subject_id_9, timeline_.changes AS typed_changes_10, timeline_.to_status AS to_status_11
FROM event AS timeline_ LEFT OUTER JOIN "user" AS timeline_actor_ ON timeline_actor_.id = timeline_.actor_id LEFT OUTER JOIN event AS "timeline_causedBy_" ON "timeline_causedBy_".id = timeline_.caused_by_id
WHERE timeline_.chain_id = timeline_keys_.value AND timeline_.kind = any(%(where_1)s::TEXT[]) ORDER BY timeline_.id ASC
LIMIT %(limit)s::INTEGER) AS timeline_page_ ON true
-- 2 rows

SELECT CAST(subject_lead_.id AS TEXT) AS id_0, subject_lead_.topic AS topic_1, CAST(subject_lead_keys_.value AS TEXT) AS owner
FROM unnest(%(ids)s::UUID[]) AS subject_lead_keys_(value) JOIN lead AS subject_lead_ ON subject_lead_.id = subject_lead_keys_.value
-- 1 rows

WITH p0(c0, c1, owner) AS (
SELECT CAST(subject_quote_.id AS TEXT) AS id_0, subject_quote_.number AS number_1, CAST(subject_quote_keys_.value AS TEXT) AS owner
FROM unnest(%(p0_ids)s::UUID[]) AS subject_quote_keys_(value) JOIN quote AS subject_quote_ ON subject_quote_.id = subject_quote_keys_.value
), p1(c0, owner) AS (
SELECT lines_page_.description_0, CAST(lines_keys_.value AS TEXT) AS owner
FROM (SELECT DISTINCT CAST(c0 AS UUID) AS value
FROM p0
WHERE c0 IS NOT NULL) AS lines_keys_ JOIN LATERAL (SELECT lines_.description AS description_0
FROM quote_line AS lines_
WHERE lines_.quote_id = lines_keys_.value ORDER BY lines_.position ASC, lines_.id ASC
LIMIT 1::INTEGER) AS lines_page_ ON true
)
SELECT c0::TEXT, c1::TEXT, 0, owner FROM p0
UNION ALL SELECT c0::TEXT, NULL, 1, owner FROM p1
-- 2 rows
