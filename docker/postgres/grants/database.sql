-- Inside one database: what pik_owner creates there, pik_app may read and write, never alter.
-- The tests lay the same ground in their own databases.
REVOKE ALL ON SCHEMA public FROM PUBLIC;
GRANT USAGE, CREATE ON SCHEMA public TO pik_owner;
GRANT USAGE ON SCHEMA public TO pik_app;
-- MAINTAIN (ANALYZE) lets a bulk load leave fresh statistics behind.
ALTER DEFAULT PRIVILEGES FOR ROLE pik_owner IN SCHEMA public
    GRANT SELECT, INSERT, UPDATE, DELETE, MAINTAIN ON TABLES TO pik_app;
ALTER DEFAULT PRIVILEGES FOR ROLE pik_owner IN SCHEMA public
    GRANT USAGE, SELECT ON SEQUENCES TO pik_app;
