rule train:
    input:
        features="features.parquet",
        cohort="cohort.parquet",
    output:
        predictions="models/{model}/predictions.parquet",
        fitted="models/{model}/fitted.zip",
    log:
        "logs/train/{model}.log",
    conda:
        "../envs/radpred.yaml"
    # The forest takes longest: it starts first.
    priority: lambda wildcards: {"random_forest": 2, "xgboost": 1}.get(wildcards.model, 0)
    threads: lambda wildcards: PLAN.threads(wildcards.model)
    resources:
        mem_mb=scaled(2500),
        runtime=scaled(240),
    params:
        python=sys.executable,
        settings=relevant("learning"),
    shell:
        "{params.python} -m radpred stage train --study study.json --features {input.features}"
        " --cohort {input.cohort} --model {wildcards.model} --predictions {output.predictions}"
        " --fitted {output.fitted} --threads {threads} > {log} 2>&1"


rule evaluate:
    input:
        features="features.parquet",
        cohort="cohort.parquet",
        predictions=expand("models/{model}/predictions.parquet", model=PLAN.models),
        fitted=expand("models/{model}/fitted.zip", model=PLAN.models),
    output:
        evaluation="evaluation.json",
        predictions=report(
            "predictions.parquet", caption="../report/predictions.rst", category="Evidence"
        ),
    log:
        "logs/evaluate.log",
    conda:
        "../envs/radpred.yaml"
    threads: 1
    resources:
        mem_mb=scaled(2500),
        runtime=scaled(60),
    params:
        python=sys.executable,
        settings=relevant("learning", "name", "title"),
    shell:
        "{params.python} -m radpred stage evaluate --study study.json --features {input.features}"
        " --cohort {input.cohort} --output {output.evaluation} {input.predictions} > {log} 2>&1"
