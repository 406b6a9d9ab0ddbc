from django.db import migrations

TODAY = "(now() AT TIME ZONE 'Europe/Berlin')::date"

# What the model cannot say: the pair of case and measure, and days that have not come yet.
ADD = f"""
ALTER TABLE casework_case
    ADD CONSTRAINT case_measure_records_cases FOREIGN KEY (measure_id, profile, records_origin)
        REFERENCES pik_measure (code, profile, records_origin) DEFERRABLE INITIALLY DEFERRED,
    ADD CONSTRAINT case_opened_not_in_future CHECK (opened_on <= {TODAY}),
    ADD CONSTRAINT case_closed_not_in_future CHECK (closed_on IS NULL OR closed_on <= {TODAY});
ALTER TABLE casework_languagecourse ADD CONSTRAINT course_not_in_future CHECK (date <= {TODAY});
ALTER TABLE casework_screeningday ADD CONSTRAINT screening_not_in_future CHECK (date <= {TODAY});
ALTER TABLE casework_romasupport ADD CONSTRAINT roma_support_not_in_future CHECK (date <= {TODAY});
ALTER TABLE casework_queersupport ADD CONSTRAINT queer_support_not_in_future CHECK (date <= {TODAY});
"""
DROP = """
ALTER TABLE casework_case
    DROP CONSTRAINT case_measure_records_cases,
    DROP CONSTRAINT case_opened_not_in_future,
    DROP CONSTRAINT case_closed_not_in_future;
ALTER TABLE casework_languagecourse DROP CONSTRAINT course_not_in_future;
ALTER TABLE casework_screeningday DROP CONSTRAINT screening_not_in_future;
ALTER TABLE casework_romasupport DROP CONSTRAINT roma_support_not_in_future;
ALTER TABLE casework_queersupport DROP CONSTRAINT queer_support_not_in_future;
"""


class Migration(migrations.Migration):
    """Case and measure fit together, and nothing happens tomorrow."""

    dependencies = [("casework", "0001_initial")]
    operations = [migrations.RunSQL(ADD, DROP)]
