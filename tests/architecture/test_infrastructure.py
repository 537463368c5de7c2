"""What the templates of infra/ and the image must be, whatever else is changed in them.

Read as text: a statement is what stands between its first line and the brace in the first column
that closes it.
"""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple, get_args

import pytest

from portal.settings import ROOT, Settings, variable
from tools import infra

ERASURE_DEADLINE_DAYS = 30
"""Within which an erased person must be gone from backups too (docs/decisions/0005)."""
KEY_EPOCH_DAYS = 14
"""A key above organisations' keys is replaced as often; its predecessor is deleted then."""
REGIONS = get_args(Settings.model_fields["region"].annotation)
OF_OTHERS = {
    "SWITCHROOM_BLOB_URL",
    "SWITCHROOM_COSMOS_DATABASE",
    "SWITCHROOM_COSMOS_ENDPOINT",
    "SWITCHROOM_ENTRA_APP_ID",
    "SWITCHROOM_ENTRA_CREDENTIAL",
    "SWITCHROOM_KEY_VAULT_URL",
    "SWITCHROOM_STORE",
}
ROLES = ("web", "bot", "worker")
RESOURCE = re.compile(
    r"^(?P<decorators>(?:@[^\n]*\n)*)resource (?P<name>\w+) '(?P<kind>[\w./]+)@[\w-]+' = "
    r"(?P<body>(?:\{|\[for).*?^\}\]?)$",
    re.MULTILINE | re.DOTALL,
)
SECRET = re.compile(
    r"(secret|password|passwd|token|api_?key|account_?key|shared_?access|connection_?string)\w*\s*[=:]"
    r"|AccountKey=|SharedAccessKey|InstrumentationKey=|-----BEGIN|\beyJ[\w-]{10,}|[\w+/]{60,}={0,2}",
    re.IGNORECASE,
)


class Resource(NamedTuple):
    """One resource statement of a template."""

    file: str
    name: str
    kind: str
    decorators: str
    body: str

    def says(self, line: str) -> bool:
        """Whether one line of it is that, but for its indentation."""
        return re.search(rf"^\s*{re.escape(line)}$", self.body, re.MULTILINE) is not None


def resources(text: str, file: str = "") -> list[Resource]:
    return [
        Resource(file, one["name"], one["kind"], one["decorators"], one["body"])
        for one in RESOURCE.finditer(text)
        if " existing = " not in one[0].splitlines()[0]
    ]


def templates() -> Iterator[tuple[str, str]]:
    for path in infra.sources():
        yield path.relative_to(ROOT).as_posix(), path.read_text(encoding="utf-8")


def every(kind: str) -> list[Resource]:
    found = [one for file, text in templates() for one in resources(text, file) if one.kind == kind]
    assert found, f"there is no {kind}"
    return found


def number(file: str, name: str) -> int:
    """The number that a variable of a module is set to."""
    text = (ROOT / "infra" / "modules" / file).read_text(encoding="utf-8")
    found = re.search(rf"^var {name} = (\d+)$", text, re.MULTILINE)
    assert found, (file, name)
    return int(found[1])


def parameters(path: Path) -> dict[str, str]:
    """What a parameter file gives, each value as it is written."""
    text = path.read_text(encoding="utf-8")
    return dict(re.findall(r"^param (\w+) = (.+(?:\n(?![a-z@/]).+)*)", text, re.MULTILINE))


# --- the gates themselves -------------------------------------------------------------------


def test_templates_and_parameters_are_bicep() -> None:
    assert infra.syntax() == []


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.bicep", "param region string\nresource x 'A/b@2020-01-01' = {\n  name: region\n"),
        ("b.bicep", "var x = = 1\n"),
        ("c.bicepparam", "using 'main.bicep'\n\nparam region = \n"),
    ],
)
def test_what_is_no_bicep_is_told_with_its_place(tmp_path: Path, name: str, text: str) -> None:
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    assert any(name in line for line in infra.syntax([path]))


def test_every_resource_is_read_here() -> None:
    for file, text in templates():
        declared = [
            line
            for line in text.splitlines()
            if line.startswith("resource ") and " existing = " not in line
        ]
        assert len(resources(text)) == len(declared), file


def test_rules_of_checkov_that_are_left_out_say_why() -> None:
    left_out = [
        line.strip()
        for _, text in [*templates(), ("Dockerfile", (ROOT / "Dockerfile").read_text())]
        for line in text.splitlines()
        if "checkov:" in line
    ]
    assert all(re.fullmatch(r"(//|#) checkov:skip=CKV\w+:\w.{20,}", line) for line in left_out)


# --- stores --------------------------------------------------


def test_stores_know_no_keys_of_their_own() -> None:
    (cosmos,) = every("Microsoft.DocumentDB/databaseAccounts")
    (storage,) = every("Microsoft.Storage/storageAccounts")
    (insights,) = every("Microsoft.Insights/components")
    (registry,) = every("Microsoft.ContainerRegistry/registries")
    (bot,) = every("Microsoft.BotService/botServices")
    assert cosmos.says("disableLocalAuth: true")
    assert cosmos.says("disableKeyBasedMetadataWriteAccess: true")
    assert storage.says("allowSharedKeyAccess: false")
    assert storage.says("isLocalUserEnabled: false")
    assert insights.says("DisableLocalAuth: true")
    assert registry.says("adminUserEnabled: false")
    assert registry.says("anonymousPullEnabled: false")
    assert bot.says("disableLocalAuth: true")


def test_no_template_asks_for_a_key() -> None:
    asked = re.compile(r"\blist(Keys|ConnectionStrings|AccountSas|ServiceSas|Credentials)\b")
    assert [file for file, text in templates() if asked.search(text)] == []


def test_the_vault_is_by_roles_and_keeps_what_is_deleted() -> None:
    (vault,) = every("Microsoft.KeyVault/vaults")
    assert vault.says("enableRbacAuthorization: true")
    assert vault.says("enablePurgeProtection: true")
    assert vault.says("enableSoftDelete: true")
    assert "accessPolicies" not in vault.body


@pytest.mark.parametrize(
    "kind",
    [
        "Microsoft.KeyVault/vaults",
        "Microsoft.DocumentDB/databaseAccounts",
        "Microsoft.Storage/storageAccounts",
    ],
)
def test_what_holds_data_has_a_private_address_alone(kind: str) -> None:
    (store,) = every(kind)
    assert store.says("publicNetworkAccess: 'Disabled'")
    text = (ROOT / store.file).read_text(encoding="utf-8")
    assert re.search(rf"endpoint\.bicep' = \{{.*?target: {store.name}\.id", text, re.DOTALL)


def test_blobs_are_public_nowhere() -> None:
    (account,) = every("Microsoft.Storage/storageAccounts")
    assert account.says("allowBlobPublicAccess: false")
    assert account.says("minimumTlsVersion: 'TLS1_2'")
    assert account.says("supportsHttpsTrafficOnly: true")
    containers = every("Microsoft.Storage/storageAccounts/blobServices/containers")
    assert all(one.says("publicAccess: 'None'") for one in containers)


def test_nothing_leaves_its_region() -> None:
    (cosmos,) = every("Microsoft.DocumentDB/databaseAccounts")
    (storage,) = every("Microsoft.Storage/storageAccounts")
    assert re.findall(r"locationName: (\S+)", cosmos.body) == ["location"]
    assert cosmos.says("enableMultipleWriteLocations: false")
    assert storage.says("name: 'Standard_ZRS'")
    assert storage.says("allowCrossTenantReplication: false")


def test_no_backup_outlives_an_erasure() -> None:
    cosmos = (ROOT / "infra/modules/cosmos.bicep").read_text(encoding="utf-8")
    tier = re.search(r"^var backupTier = 'Continuous(\d+)Days'$", cosmos, re.MULTILINE)
    assert tier is not None
    assert "tier: backupTier" in cosmos
    assert int(tier[1]) < ERASURE_DEADLINE_DAYS
    (blobs,) = every("Microsoft.Storage/storageAccounts/blobServices")
    assert blobs.body.count("days: softDeleteDays") == 2
    assert number("storage.bicep", "softDeleteDays") < ERASURE_DEADLINE_DAYS
    (vault,) = every("Microsoft.KeyVault/vaults")
    assert vault.says("softDeleteRetentionInDays: softDeleteDays")
    assert KEY_EPOCH_DAYS + number("vault.bicep", "softDeleteDays") < ERASURE_DEADLINE_DAYS
    assert number("monitoring.bicep", "keptDays") <= ERASURE_DEADLINE_DAYS


def test_containers_of_the_store_come_from_the_one_definition() -> None:
    text = (ROOT / "infra/modules/cosmos.bicep").read_text(encoding="utf-8")
    assert "loadJsonContent('../cosmos-containers.json').containers" in text
    containers = json.loads((ROOT / "infra/cosmos-containers.json").read_text())["containers"]
    used = set(re.findall(r"\bone\.(\w+)", text))
    assert containers
    assert all(set(one) >= used for one in containers)
    assert all(one["partitionKey"]["paths"] == ["/pk"] for one in containers)


# --- who may do what --------------------------------------------------


def test_every_assignment_of_a_role_says_why() -> None:
    for one in every("Microsoft.Authorization/roleAssignments"):
        assert re.search(r"^\s*description: '\w.{25,}'$", one.body, re.MULTILINE), one.name
        assert one.says("principalType: 'ServicePrincipal'"), one.name
    for one in every("Microsoft.DocumentDB/databaseAccounts/sqlRoleAssignments"):
        assert re.match(r"@description\('\w.{25,}'\)\n", one.decorators), one.name


def test_roles_are_given_on_one_resource_and_are_no_owners() -> None:
    too_much = {
        "8e3af657-a8ff-443c-a75c-2fe8c4bcb635",  # Owner
        "b24988ac-6180-42a0-ab88-20f7382dd24c",  # Contributor
        "18d7d88d-d35e-4fb5-a5c3-7773c20a72d9",  # User Access Administrator
        "00482a5a-887f-4fb3-b363-3b7fe8e74483",  # Key Vault Administrator
        "b7e6dc6d-f1e8-4753-8033-0f276bb0955b",  # Storage Blob Data Owner
    }
    for file, text in templates():
        assert not too_much & set(re.findall(r"[0-9a-f-]{36}", text)), file
    for one in every("Microsoft.Authorization/roleAssignments"):
        assert re.search(r"^  scope: \w+$", one.body, re.MULTILINE), one.name


def permitted(definition: Resource) -> set[str]:
    """What a role of our own permits."""
    return set(re.findall(r"'(Microsoft\.[\w/]+)'", definition.body))


def test_the_bot_reaches_no_blob() -> None:
    text = (ROOT / "infra/modules/storage.bicep").read_text(encoding="utf-8")
    (given,) = (one for one in resources(text) if "identities.bot" in one.body)
    assert given.says("roleDefinitionId: looker.id")
    (looker,) = (one for one in resources(text) if one.name == "looker")
    assert permitted(looker) == {"Microsoft.Storage/storageAccounts/blobServices/containers/read"}


def test_no_process_but_the_worker_can_delete_a_key() -> None:
    text = (ROOT / "infra/modules/vault.bicep").read_text(encoding="utf-8")
    (maker,) = (one for one in resources(text) if one.name == "maker")
    keys = "Microsoft.KeyVault/vaults/keys"
    assert permitted(maker) == {
        f"{keys}/read", f"{keys}/create/action", f"{keys}/wrap/action", f"{keys}/unwrap/action",
    }  # fmt: skip
    (officer,) = (one for one in resources(text) if "cryptoOfficer)" in one.body)
    assert officer.name == "workerKeys"


def test_the_bot_is_of_one_tenant_without_a_password_in_teams_alone() -> None:
    (bot,) = every("Microsoft.BotService/botServices")
    assert bot.says("msaAppType: 'UserAssignedMSI'")
    assert bot.says("msaAppTenantId: subscription().tenantId")
    channels = every("Microsoft.BotService/botServices/channels")
    assert [re.findall(r"channelName: '(\w+)'", one.body) for one in channels] == [
        ["MsTeamsChannel"]
    ]


def test_processes_are_told_what_they_know() -> None:
    """Settings of stores that are not built in are left to those who build them."""
    text = "".join(text for file, text in templates() if "/modules/app" in file)
    told = set(re.findall(r"name: '((?:SWITCHROOM|AZURE)_\w+)'", text))
    known = {variable(field) for field in Settings.model_fields}
    assert told - known <= {"AZURE_CLIENT_ID", *OF_OTHERS}
    assert {"SWITCHROOM_ROLES", "SWITCHROOM_ENV", "SWITCHROOM_APPLICATION_INSIGHTS_FILE"} <= told


def test_a_container_app_for_each_role() -> None:
    text = (ROOT / "infra/modules/apps.bicep").read_text(encoding="utf-8")
    assert tuple(re.findall(r"^    role: '(\w+)'$", text, re.MULTILINE)) == ROLES
    (worker,) = re.findall(r"^module worker .*?^}", text, re.MULTILINE | re.DOTALL)
    assert "isOpen: false" in worker


def test_every_app_is_scaled_by_rules_between_bounds() -> None:
    (app,) = every("Microsoft.App/containerApps")
    assert re.search(
        r"scale: \{\s*minReplicas: least\s*maxReplicas: most\s*rules: rules\s*\}", app.body
    )
    text = (ROOT / "infra/modules/apps.bicep").read_text(encoding="utf-8")
    for role in ROLES:
        (module,) = re.findall(rf"^module {role} .*?^\}}", text, re.MULTILINE | re.DOTALL)
        (rules,) = re.findall(r"^    rules: \[\n(.*?)^    \]", module, re.MULTILINE | re.DOTALL)
        assert re.search(r"concurrentRequests: '\d+'|type: 'Utilization'\s*value: '\d+'", rules)
        (least,), (most,) = (
            re.findall(rf"^    {bound}: (\d+)$", module, re.MULTILINE)
            for bound in ("least", "most")
        )
        assert 1 <= int(least) < int(most), role


# --- who is told --------------------------------------------------


def composed(module: str) -> str:
    """What the stamp hands to a module."""
    text = (ROOT / "infra/stamp.bicep").read_text(encoding="utf-8")
    (found,) = re.findall(
        rf"^module \w+ 'modules/{module}\.bicep' = (\{{.*?^\}})", text, re.MULTILINE | re.DOTALL
    )
    return str(found)


def test_logs_and_telemetry_are_kept_in_one_workspace() -> None:
    (workspace,) = every("Microsoft.OperationalInsights/workspaces")
    (insights,) = every("Microsoft.Insights/components")
    assert insights.file == workspace.file
    assert insights.says(f"WorkspaceResourceId: {workspace.name}.id")
    assert insights.says("IngestionMode: 'LogAnalytics'")
    assert "alertAddresses: alertAddresses" in composed("monitoring")


def test_alerts_on_each_store_each_app_and_the_log_reach_people() -> None:
    alerts = every("Microsoft.Insights/metricAlerts")
    queries = every("Microsoft.Insights/scheduledQueryRules")
    assert all(one.says("enabled: true") for one in [*alerts, *queries])
    assert all(
        re.search(r"^ *actionGroupId: actionGroup$", one.body, re.MULTILINE) for one in alerts
    )
    assert all(
        re.search(r"actionGroups: \[\s*actionGroup\s*\]", one.body) and one.says("workspace")
        for one in queries
    )
    watched = set(re.findall(r"scopes: \[\s*(\w+)\s*\]", "".join(one.body for one in alerts)))
    assert watched == {"cosmosId", "vaultId", "storageId", "id"}
    (restarts,) = (one for one in alerts if one.name == "restarts")
    assert restarts.body.startswith("[for (id, index) in appIds:")
    (people,) = every("Microsoft.Insights/actionGroups")
    assert re.search(r"emailReceivers: \[for \(address, index\) in alertAddresses:", people.body)
    handed = composed("alerts")
    assert "actionGroup: monitoring.outputs.actionGroup" in handed
    assert "appIds: apps.outputs.ids" in handed


def test_a_budget_tells_people_before_it_is_spent() -> None:
    (budget,) = every("Microsoft.Consumption/budgets")
    assert budget.says("timeGrain: 'Monthly'")
    assert budget.says("amount: amount")
    told = re.findall(
        r"enabled: (\w+)\s+operator: 'GreaterThan'\s+threshold: (\d+)\s+thresholdType: '(\w+)'"
        r"\s+contactEmails: addresses",
        budget.body,
    )
    assert {kind for _, _, kind in told} == {"Forecasted", "Actual"}
    assert all(on == "true" and int(percent) <= 100 for on, percent, _ in told)
    handed = composed("budget")
    assert "amount: monthlyBudget" in handed
    assert "addresses: alertAddresses" in handed


# --- parameters --------------------------------------------------


def test_every_region_has_its_parameters() -> None:
    files = {path.stem: path for path in (ROOT / "infra/regions").iterdir()}
    assert set(files) == set(REGIONS)
    for region, path in files.items():
        assert parameters(path)["region"] == f"'{region}'"
    places = [parameters(path)["location"] for path in files.values()]
    assert len(set(places)) == len(REGIONS)


@pytest.mark.parametrize("path", sorted((ROOT / "infra").rglob("*.bicepparam")), ids=str)
def test_parameters_are_those_that_the_template_takes(path: Path) -> None:
    text = (ROOT / "infra/main.bicep").read_text(encoding="utf-8")
    declared = dict(re.findall(r"^param (\w+) \w+(.*)$", text, re.MULTILINE))
    given = parameters(path)
    assert set(given) <= set(declared)
    assert {name for name, default in declared.items() if not default} <= set(given)


def test_the_template_knows_the_regions_that_the_product_knows() -> None:
    text = (ROOT / "infra/main.bicep").read_text(encoding="utf-8")
    (allowed,) = re.findall(r"@allowed\(\[([^\]]*)\]\)\nparam region ", text)
    assert tuple(re.findall(r"'(\w+)'", allowed)) == REGIONS


@pytest.mark.parametrize("suffix", ["*.bicepparam", "*.json", "azure.yaml"])
def test_no_secret_stands_in_a_parameter_file(suffix: str) -> None:
    files = [*(ROOT / "infra").rglob(suffix), *ROOT.glob(suffix if suffix == "azure.yaml" else "-")]
    assert files
    assert [path for path in files if SECRET.search(path.read_text(encoding="utf-8"))] == []


@pytest.mark.parametrize(
    "text",
    ["param botSecret = 'x'", "AccountKey=abc==", "param connectionString = 'x'", "password: x"],
)
def test_a_secret_would_be_seen(text: str) -> None:
    assert SECRET.search(text)


# --- the image --------------------------------------------------


def instructions() -> list[tuple[str, str]]:
    text = (ROOT / "Dockerfile").read_text(encoding="utf-8").replace("\\\n", " ")
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    return [(line.split()[0], line.partition(" ")[2]) for line in lines]


def test_bases_are_pinned_by_digest() -> None:
    bases = [rest.split()[0] for word, rest in instructions() if word == "FROM"]
    assert len(bases) == 3
    assert all(re.fullmatch(r"python:3\.\d+-slim@sha256:[0-9a-f]{64}", base) for base in bases)
    assert len(set(bases)) == 1


def test_the_process_is_nobody_who_can_do_anything() -> None:
    last = [(word, rest) for word, rest in instructions() if word in {"FROM", "USER", "CMD"}]
    assert [word for word, _ in last[-3:]] == ["FROM", "USER", "CMD"]
    assert last[-2][1] == "10001:10001"


def test_the_image_says_how_it_is() -> None:
    checks = [rest for word, rest in instructions() if word == "HEALTHCHECK"]
    assert len(checks) == 1
    assert "/healthz" in checks[0]


def test_nothing_comes_into_the_image_past_the_locks() -> None:
    words = {word for word, _ in instructions()}
    assert "ADD" not in words
    shells = [rest for word, rest in instructions() if word == "RUN" and not rest.startswith("[")]
    assert shells == []
    text = (ROOT / "Dockerfile").read_text(encoding="utf-8")
    assert not re.search(r"\b(curl|wget|apt-get|pip install|git clone)\b", text)


def test_the_image_is_made_of_named_things_alone() -> None:
    lines = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    assert lines[1] == "*"
    copied = {
        source
        for word, rest in instructions()
        if word == "COPY" and not rest.startswith("--from")
        for source in rest.split()[:-1]
    }
    allowed = [line[1:] for line in lines if line.startswith("!")]
    assert all(any(Path(one).match(pattern) for pattern in allowed) for one in copied)
    assert all((ROOT / one).exists() for one in copied)
