SELECT CAST(nodes_quote_.id AS TEXT) AS id_0, concat('","version":', nodes_quote_.version, ',"number":', json_scalar(nodes_quote_.number), '}') AS text_1, CAST(nodes_quote_keys_.value AS TEXT) AS owner
FROM unnest(%(ids)s::UUID[]) AS nodes_quote_keys_(value) JOIN quote AS nodes_quote_ ON nodes_quote_.id = nodes_quote_keys_.value
-- 2 rows

SELECT CAST(nodes_account_.id AS TEXT) AS id_0, concat('","version":', nodes_account_.version, ',"name":', json_scalar(nodes_account_.name), '}') AS text_1, CAST(nodes_account_keys_.value AS TEXT) AS owner
FROM unnest(%(ids)s::UUID[]) AS nodes_account_keys_(value) JOIN account AS nodes_account_ ON nodes_account_.id = nodes_account_keys_.value
-- 1 rows

SELECT CAST(nodes_order_.id AS TEXT) AS id_0, concat('","version":', nodes_order_.version, '}') AS text_1, CAST(nodes_order_keys_.value AS TEXT) AS owner
FROM unnest(%(ids)s::UUID[]) AS nodes_order_keys_(value) JOIN "order" AS nodes_order_ ON nodes_order_.id = nodes_order_keys_.value
-- 0 rows
