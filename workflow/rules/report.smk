rule bundle:
    input:
        features="features.parquet",
        cohort="cohort.parquet",
        evaluation="evaluation.json",
        final="models/final.zip",
    output:
        "model.radpred",
    log:
        "logs/bundle.log",
    benchmark:
        "benchmarks/bundle.tsv"
    conda:
        "../envs/radpred.yaml"
    threads: 1
    resources:
        **PLAN.queue(),
        mem_mb=scaled(PLAN.reading_mb),
        runtime=scaled(30),
    shell:
        "python -m radpred stage bundle --study study.json --features {input.features}"
        " --cohort {input.cohort} --evaluation {input.evaluation} --final {input.final}"
        " --output {output} > {log} 2>&1"


rule explain:
    input:
        features="features.parquet",
        cohort="cohort.parquet",
        model="model.radpred",
    output:
        "explanation.json",
    log:
        "logs/explain.log",
    benchmark:
        "benchmarks/explain.tsv"
    conda:
        "../envs/radpred.yaml"
    threads: 1
    resources:
        **PLAN.queue(),
        mem_mb=scaled(PLAN.reading_mb),
        runtime=scaled(60),
    shell:
        "python -m radpred stage explain --model {input.model}"
        " --features {input.features} --cohort {input.cohort} --output {output} > {log} 2>&1"


rule report:
    input:
        evaluation="evaluation.json",
        predictions="predictions.parquet",
        explanation="explanation.json",
        verdicts="verdicts.parquet",
        regions="regions.parquet",
        agreement="agreement.parquet",
        variants=PLAN.of_variants("perturbed_predictions.parquet", "variants.parquet"),
    output:
        report("report.html", caption="../report/report.rst", category="Report"),
    log:
        "logs/report.log",
    benchmark:
        "benchmarks/report.tsv"
    conda:
        "../envs/radpred.yaml"
    threads: 1
    resources:
        **PLAN.queue(),
        mem_mb=scaled(1500),
        runtime=scaled(30),
    params:
        settings=relevant("report", "title"),
    shell:
        "python -m radpred stage report --study study.json"
        " --evaluation {input.evaluation} --explanation {input.explanation}"
        " --output {output} > {log} 2>&1"
