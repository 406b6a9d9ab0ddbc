-- Two roles and one database; run by psql as superuser, safe to run again.
-- pik_owner owns every table and migrates; pik_app (web, worker, beat) owns nothing and may only work with rows.
-- Passwords come from the environment (PIK_OWNER_PASSWORD, PIK_APP_PASSWORD), never from a file in the repository.
\set ON_ERROR_STOP on
\getenv owner_password PIK_OWNER_PASSWORD
\getenv app_password PIK_APP_PASSWORD

SELECT 'CREATE ROLE pik_owner' WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'pik_owner') \gexec
SELECT 'CREATE ROLE pik_app' WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'pik_app') \gexec
ALTER ROLE pik_owner LOGIN NOSUPERUSER NOCREATEROLE NOBYPASSRLS PASSWORD :'owner_password';
ALTER ROLE pik_app LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS PASSWORD :'app_password';

-- The built-in C.UTF-8 locale sorts by code point on every machine and still folds the case of Ä, Ö, Ü.
SELECT 'CREATE DATABASE pik OWNER pik_owner TEMPLATE template0 ENCODING ''UTF8'' '
    'LOCALE_PROVIDER builtin BUILTIN_LOCALE ''C.UTF-8'' LOCALE ''C'''
WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = 'pik') \gexec
REVOKE ALL ON DATABASE pik FROM PUBLIC;
GRANT CONNECT ON DATABASE pik TO pik_app;

\connect pik
\ir grants/database.sql
