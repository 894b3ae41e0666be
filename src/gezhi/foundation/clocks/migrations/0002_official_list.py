from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("clocks", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="OfficialList",
            fields=[
                ("year", models.PositiveSmallIntegerField(primary_key=True, serialize=False)),
                ("days", models.JSONField()),
                ("taken_at", models.DateTimeField()),
                ("taken_by", models.CharField(max_length=120)),
            ],
            options={
                "ordering": ["year"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("days", []), _negated=True), name="official_list_not_empty"
                    )
                ],
            },
        ),
    ]
