"""The statements of this folder. Each is in the `.sql` file that its comment names, beside this file."""

from symphony_connect.store.statements import All, One, declared

# lists.sql
outages_since: All
dashboard_forecast: All
dashboard_first: One
dashboard_put_off: One
dashboard_newest_event: One
dashboard_connections: All
dashboard_connection: One
dashboard_place: One
dashboard_connections_walked: All
dashboard_brands: All
dashboard_brand_place: One
dashboard_brands_walked: All
dashboard_events: All
dashboard_connection_events: All
dashboard_status_changes: All
dashboard_keys: All
dashboard_uses: All

# sorted.sql
dashboard_sorted: All
dashboard_renewals: All
dashboard_events_narrowed: All
dashboard_last_link: One

# links.sqlite.sql, links.postgresql.sql
dashboard_last_links: All

# search.sqlite.sql, search.postgresql.sql
dashboard_connections_found: All
dashboard_brands_found: All

declared(__name__)
