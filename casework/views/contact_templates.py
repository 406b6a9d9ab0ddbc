"""Templates of the manager who is logged in."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from casework.forms.contact_templates import TemplateForm
from casework.models import Contact, ContactTemplate, Topic
from casework.services.contact_templates import keep_template, move_template, remove_template, rename_template
from pik.access import manager_only
from pik.drafts import drafted, forget_draft


@require_GET
@manager_only
def template_list(request: HttpRequest) -> HttpResponse:
    """The own templates in their own order."""
    templates = ContactTemplate.objects.visible_to(request.user).for_list()
    context = {"templates": templates, "topics": Topic.objects.in_bulk()}
    return render(request, "casework/template_list.html", context)


@require_http_methods(["GET", "POST"])
@manager_only
def template_new(request: HttpRequest, pk: int) -> HttpResponse:
    """Names a template after an own contact."""
    contact = get_object_or_404(Contact.objects.visible_to(request.user), pk=pk)
    form, key = TemplateForm(request.POST or None), f"name-{contact.key}"
    if request.method == "POST" and form.is_valid():
        try:
            template = keep_template(contact=contact, **form.cleaned_data)
        except ValidationError as error:
            form.add_error(None, error)
        else:
            forget_draft(user=request.user, form=key, data=request.POST)
            messages.success(request, _("Template “%(name)s” saved.") % {"name": template.name})
            return redirect("casework:template_list")
    context = {"shown": contact, "topics": Topic.objects.in_bulk(), **drafted(request, form, key)}
    return render(request, "casework/template_form.html", context)


@require_http_methods(["GET", "POST"])
@manager_only
def template_edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Gives an own template another name."""
    template = get_object_or_404(ContactTemplate.objects.visible_to(request.user), pk=pk)
    form, key = TemplateForm(request.POST or None, initial={"name": template.name}), f"rename-{template.key}"
    if request.method == "POST" and form.is_valid():
        try:
            rename_template(template=template, **form.cleaned_data)
        except ValidationError as error:
            form.add_error(None, error)
        else:
            forget_draft(user=request.user, form=key, data=request.POST)
            messages.success(request, _("The template is now called “%(name)s”.") % {"name": template.name})
            return redirect("casework:template_list")
    context = {"shown": template, "topics": Topic.objects.in_bulk(), "renamed": True, **drafted(request, form, key)}
    return render(request, "casework/template_form.html", context)


@require_POST
@manager_only
def template_move(request: HttpRequest, pk: int) -> HttpResponse:
    """Puts an own template one place up or down, and leads back to it."""
    template = get_object_or_404(ContactTemplate.objects.visible_to(request.user), pk=pk)
    move_template(template=template, by=-1 if "up" in request.POST else 1)
    messages.success(request, _("Template “%(name)s” moved.") % {"name": template.name})
    return redirect(f"{reverse('casework:template_list')}#{template.key}")


@require_POST
@manager_only
def template_remove(request: HttpRequest, pk: int) -> HttpResponse:
    """Forgets an own template."""
    template = get_object_or_404(ContactTemplate.objects.visible_to(request.user), pk=pk)
    remove_template(template=template)
    messages.success(request, _("Template “%(name)s” removed.") % {"name": template.name})
    return redirect("casework:template_list")
