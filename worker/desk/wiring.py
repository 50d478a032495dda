"""Flower with the desk added: routes, templates, an item in its navigation bar, a script."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from flower.app import Flower, rewrite_handler
from flower.utils import prepend_url
from tornado.template import Loader, Template
from tornado.web import HTTPError, StaticFileHandler, TemplateModule, url

from worker.desk.articles import ArticlesHandler
from worker.desk.delivery import DeliveryHandler
from worker.desk.handlers import DeskHandler
from worker.desk.health import HealthHandler
from worker.desk.retry import OfTaskHandler, RetryHandler
from worker.pipeline import STEPS, task_name

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from celery import Celery
    from tornado.options import OptionParser

_HERE: Final = Path(__file__).parent
_STATIC: Final = {"path": str(_HERE / "static")}


class AssetHandler(DeskHandler, StaticFileHandler):
    """Our script and style, for those who may see the pages."""

    def prepare(self) -> None:
        """Ask for the password."""
        if not self.current_user:
            raise HTTPError(403)


ROUTES: Final = (
    url(r"/articles", ArticlesHandler, name="articles"),
    url(r"/articles/retry", RetryHandler, name="retry"),
    url(r"/articles/health", HealthHandler),
    url(r"/articles/of-task/([\w-]{1,100})", OfTaskHandler),
    url(r"/articles/static/(.+)", AssetHandler, _STATIC),
    url(r"/articles/([0-9]+)", DeliveryHandler, name="delivery"),
)


class TemplatesOfBoth(Loader):
    """Our templates, and Flower's, which ours extend."""

    def _create_template(self, name: str) -> Template:
        ours = _HERE / "templates" / name
        if ours.is_file():
            return Template(ours.read_bytes(), name=name, loader=self)
        return super()._create_template(name)


class WithArticles(TemplateModule):
    """Flower's way to include a template; its navigation bar is where all pages meet."""

    def render(self, path: str, **kwargs: Any) -> bytes:
        """The template, and if it is the navigation bar, an item more in its first list."""
        rendered = super().render(path, **kwargs)
        if path != "navbar.html":
            return rendered
        item = self.render_string(
            "nav.html",
            active=isinstance(self.handler, DeskHandler),
            steps=" ".join(task_name(step) for step in STEPS),
            read_only=self.handler.application.options.read_only,  # type: ignore[attr-defined]
        )
        return rendered.replace(b"</ul>", item + b"</ul>", 1)

    def javascript_files(self) -> Iterable[str]:
        """Our script, on every page that has the bar."""
        return [*super().javascript_files(), self._asset("desk.js")]

    def css_files(self) -> Iterable[str]:
        """Our style."""
        return [*super().css_files(), self._asset("desk.css"), self._asset("delivery.css")]

    def _asset(self, name: str) -> str:
        prefix = self.handler.application.options.url_prefix  # type: ignore[attr-defined]
        root = "/articles/static/"
        where = {
            "static_path": _STATIC["path"],
            "static_url_prefix": prepend_url(root, prefix) if prefix else root,
        }
        return StaticFileHandler.make_static_url(where, name)


def with_desk(app: Celery, options: OptionParser, settings: Mapping[str, Any]) -> Flower:
    """Flower for this Celery app, with its options and Tornado's settings, and the desk."""
    flower = Flower(
        capp=app,
        options=options,
        **settings,
        ui_modules={"Template": WithArticles},
        template_loader=TemplatesOfBoth(settings["template_path"]),
    )
    prefix = options.url_prefix
    flower.add_handlers(
        r".*$", [rewrite_handler(route, prefix) if prefix else route for route in ROUTES]
    )
    return flower
