"""The acts of the audit trail in words, whichever room records them.

What refused attempts on cases add to the trail are the acts of the case loop: see work.cases.acts.
"""

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import pgettext_lazy

LABELS: Mapping[str, Promise] = {
    # people, posts and agencies
    "create_user": pgettext_lazy("audited", "Make an account"),
    "edit_user": pgettext_lazy("audited", "Correct an account"),
    "reset_password": pgettext_lazy("audited", "Reset a password"),
    "open_account": pgettext_lazy("audited", "Open an account again"),
    "close_account": pgettext_lazy("audited", "Close an account"),
    "give_post": pgettext_lazy("audited", "Give a post"),
    "end_post": pgettext_lazy("audited", "End a post"),
    "cancel_post": pgettext_lazy("audited", "Take back a post not begun"),
    "create_agency": pgettext_lazy("audited", "Found an agency"),
    "edit_agency": pgettext_lazy("audited", "Change an agency"),
    "close_agency": pgettext_lazy("audited", "Close an agency"),
    # roles, keys and messages
    "install_roles": pgettext_lazy("audited", "Install the preset roles"),
    "save_role": pgettext_lazy("audited", "Make or change a role"),
    "create_key": pgettext_lazy("audited", "Make an API key"),
    "revoke_key": pgettext_lazy("audited", "Revoke an API key"),
    "retry_message": pgettext_lazy("audited", "Try a message again"),
    "resend_delivery": pgettext_lazy("audited", "Send a notice again"),
    "set_own_email": pgettext_lazy("audited", "Change one's own e-mail address"),
    "set_preferences": pgettext_lazy("audited", "Choose how to be told"),
    "choose_news": pgettext_lazy("audited", "An asker chose how to be told"),
    # areas, grids and the map
    "create_area": pgettext_lazy("audited", "Add an area"),
    "rename_area": pgettext_lazy("audited", "Rename an area"),
    "take_areas": pgettext_lazy("audited", "Import areas"),
    "scheme.make": pgettext_lazy("audited", "Make a grid scheme"),
    "layer.publish": pgettext_lazy("audited", "Publish a layer of grids"),
    "map.replace": pgettext_lazy("audited", "Replace the base map"),
    "buildings.take": pgettext_lazy("audited", "Import buildings"),
    "components.take": pgettext_lazy("audited", "Import components"),
    # the working calendar
    "calendar.set_day": pgettext_lazy("audited", "Set a working day or day off"),
    "calendar.clear_day": pgettext_lazy("audited", "Give a day back to the official list"),
    "calendar.set_hours": pgettext_lazy("audited", "Set the working hours"),
    "calendar.take_list": pgettext_lazy("audited", "Import a year's official list"),
    "calendar.drop_list": pgettext_lazy("audited", "Take back an imported official list"),
    # the catalogue and the rules
    "install_pack": pgettext_lazy("audited", "Install a pack"),
    "revise_catalogue": pgettext_lazy("audited", "Begin to revise the catalogue"),
    "discard_catalogue": pgettext_lazy("audited", "Discard a draft of the catalogue"),
    "publish_catalogue": pgettext_lazy("audited", "Publish the catalogue"),
    "edit_matter": pgettext_lazy("audited", "Change a matter"),
    "add_condition": pgettext_lazy("audited", "Add a filing condition"),
    "edit_condition": pgettext_lazy("audited", "Change a filing condition"),
    "remove_condition": pgettext_lazy("audited", "Remove a filing condition"),
    "set_responsibility": pgettext_lazy("audited", "Set a line of the responsibility list"),
    "end_responsibility": pgettext_lazy("audited", "End a line of the responsibility list"),
    "adopt_policy": pgettext_lazy("audited", "Adopt a preset of rules"),
    "set_policy": pgettext_lazy("audited", "Change the rules"),
    # what hangs on cases
    "file.store": pgettext_lazy("audited", "Store a photo"),
    "reveal_contact": pgettext_lazy("audited", "Open an asker's contact"),
    "export_cases": pgettext_lazy("audited", "Export a list of cases"),
    # at the desk
    "save_filter": pgettext_lazy("audited", "Save a filter"),
    "edit_filter": pgettext_lazy("audited", "Change a saved filter"),
    "drop_filter": pgettext_lazy("audited", "Delete a saved filter"),
    "save_phrase": pgettext_lazy("audited", "Save a phrase"),
    "drop_phrase": pgettext_lazy("audited", "Delete a phrase"),
    "write_handover": pgettext_lazy("audited", "Write a handover note"),
    "read_handover": pgettext_lazy("audited", "Confirm a handover note"),
    # responsibility
    "finding.record": pgettext_lazy("audited", "Record a finding of responsibility"),
    "finding.appeal": pgettext_lazy("audited", "Appeal against a finding"),
    "finding.decide": pgettext_lazy("audited", "Decide an appeal"),
    "stuck.export": pgettext_lazy("audited", "Export the statistics of stuck places"),
}
