"""Whose posts the board of an organisation shows, in words."""

from collections.abc import Sequence

from django.utils.translation import gettext as _

from pik.models import District, Organisation, User

# More Kreise than these are counted, not named.
MOST_NAMED = 3


def title_of_body(organisation: Organisation, funding: Sequence[District], reader: User) -> str:
    """An organisation, and the posts of which Kreise its board shows, where these say more than its name.

    `funding` comes from `funding_districts`.
    """
    membership, seat = reader.membership, organisation.district_id
    districts = [district for district in funding if district.funds]
    if membership.leads_district and membership.organisation_id != organisation.pk:
        own = membership.organisation.district
        if all(district == own for district in districts):
            return organisation.name
        words = {"organisation": organisation.name, "district": own.name_full}
        return _("%(organisation)s, only what %(district)s funds") % words
    if all(district.pk == seat for district in districts):
        return organisation.name
    names = ", ".join(district.name_full for district in districts)
    if len(districts) > MOST_NAMED:
        words = {"organisation": organisation.name, "number": len(districts)}
        return _("%(organisation)s in %(number)d districts") % words
    return _("%(organisation)s in %(districts)s") % {"organisation": organisation.name, "districts": names}
