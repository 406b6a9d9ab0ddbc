from django.db import migrations

# A case with a plan is beyond planning; what lay between the opening and the plan was not recorded, so that all of it
# is intake. Consents were on paper only: they are recorded when the case is next in hand.
FIRST = """
INSERT INTO casework_casephase (case_id, phase, starts_on)
SELECT id, 'intake', opened_on FROM casework_case;
INSERT INTO casework_casephase (case_id, phase, starts_on)
SELECT c.id, 'linking', min(p.starts_on) FROM casework_case c JOIN casework_plan p ON p.case_id = c.id
WHERE p.starts_on > c.opened_on GROUP BY c.id;
UPDATE casework_casephase f SET phase = 'linking' FROM casework_plan p JOIN casework_case c ON c.id = p.case_id
WHERE f.case_id = c.id AND p.starts_on <= c.opened_on;
"""


class Migration(migrations.Migration):
    """The phase in which each case is found."""

    dependencies = [("casework", "0020_case_file")]
    operations = [migrations.RunSQL(FIRST, "DELETE FROM casework_casephase")]
