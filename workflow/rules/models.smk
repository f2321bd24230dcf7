rule train:
    input:
        features="features.parquet",
        cohort="cohort.parquet",
        variants=PLAN.of_variants("perturbed.parquet"),
        frozen=PLAN.of_design("external", "models/final.zip"),
    output:
        table="models/repeat_{repeat}.parquet",
        held_out="models/repeat_{repeat}.held_out.parquet",
        beside=PLAN.of_variants("models/repeat_{repeat}.variants.parquet"),
    log:
        "logs/train/{repeat}.log",
    benchmark:
        "benchmarks/train/{repeat}.tsv"
    conda:
        "../envs/radpred.yaml"
    threads: PLAN.threads(workflow.resource_settings.cores)
    resources:
        **PLAN.queue(),
        mem_mb=scaled(PLAN.learning_mb),
        runtime=scaled(240),
    params:
        settings=relevant(*PLAN.learns_from),
    shell:
        "python -m radpred stage train --study study.json --features {input.features}"
        " --cohort {input.cohort} --repeat {wildcards.repeat} --output {output.table}"
        " --threads {threads} > {log} 2>&1"


rule fit:
    input:
        features="features.parquet",
        cohort="cohort.parquet",
        variants=PLAN.of_variants("perturbed.parquet"),
    output:
        final="models/final.zip",
        apparent=PLAN.of_design("bootstrap", "models/apparent.parquet"),
    log:
        "logs/fit.log",
    benchmark:
        "benchmarks/fit.tsv"
    conda:
        "../envs/radpred.yaml"
    threads: 1
    resources:
        **PLAN.queue(),
        mem_mb=scaled(PLAN.learning_mb),
        runtime=scaled(120),
    params:
        settings=relevant(*PLAN.learns_from),
    shell:
        "python -m radpred stage fit --study study.json --features {input.features}"
        " --cohort {input.cohort} --output {output.final} > {log} 2>&1"


rule permute:
    input:
        features="features.parquet",
        cohort="cohort.parquet",
        variants=PLAN.of_variants("perturbed.parquet"),
    output:
        table="models/permuted.json",
    log:
        "logs/permute.log",
    benchmark:
        "benchmarks/permute.tsv"
    conda:
        "../envs/radpred.yaml"
    threads: PLAN.threads(workflow.resource_settings.cores)
    resources:
        **PLAN.queue(),
        mem_mb=scaled(PLAN.learning_mb),
        runtime=scaled(1440),
    params:
        settings=relevant(*PLAN.learns_from, "permutations"),
    shell:
        "python -m radpred stage permute --study study.json --features {input.features}"
        " --cohort {input.cohort} --output {output.table} --threads {threads} > {log} 2>&1"


rule evaluate:
    input:
        features="features.parquet",
        cohort="cohort.parquet",
        final="models/final.zip",
        apparent=PLAN.of_design("bootstrap", "models/apparent.parquet"),
        permuted=PLAN.of_permutations("models/permuted.json"),
        predictions=expand("models/repeat_{repeat}.parquet", repeat=PLAN.repeats),
        held_out=expand("models/repeat_{repeat}.held_out.parquet", repeat=PLAN.repeats),
        variants=expand(
            PLAN.of_variants("models/repeat_{repeat}.variants.parquet"),
            repeat=PLAN.repeats,
        ),
    output:
        evaluation="evaluation.json",
        predictions="predictions.parquet",
        perturbed=PLAN.of_variants("perturbed_predictions.parquet"),
        readable=report(
            "predictions.csv",
            caption="../report/predictions.rst",
            category="Evidence",
        ),
    log:
        "logs/evaluate.log",
    benchmark:
        "benchmarks/evaluate.tsv"
    conda:
        "../envs/radpred.yaml"
    threads: 1
    resources:
        **PLAN.queue(),
        mem_mb=scaled(PLAN.reading_mb),
        runtime=scaled(60),
    params:
        settings=relevant("learning", "permutations", "name", "title"),
    shell:
        "python -m radpred stage evaluate --study study.json --features {input.features}"
        " --cohort {input.cohort} --final {input.final} --output {output.evaluation}"
        " {input.predictions} > {log} 2>&1"
