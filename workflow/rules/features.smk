rule segment:
    input:
        shard="shards/{shard}.json",
        files=shard_files,
    output:
        table="segment/{shard}.parquet",
        verdicts="segment/{shard}.verdicts.parquet",
        agreement="segment/{shard}.agreement.parquet",
        costs="segment/{shard}.costs.parquet",
    log:
        "logs/segment/{shard}.log",
    benchmark:
        "benchmarks/segment/{shard}.tsv"
    conda:
        "../envs/radpred.yaml"
    threads: 1
    resources:
        **PLAN.queue(),
        mem_mb=scaled(1500),
        runtime=scaled(60),
        attempts_left=attempts_left,
    params:
        settings=relevant(*PLAN.masking),
    shell:
        "python -m radpred stage segment --study study.json --shard {input.shard}"
        " --output {output.table} --threads {threads}"
        " --attempts-left {resources.attempts_left} > {log} 2>&1"


rule extract:
    input:
        shard="shards/{shard}.json",
        masks="segment/{shard}.parquet",
        files=shard_files,
    output:
        table="features/{shard}.parquet",
        beside=multiext(
            "features/{shard}",
            ".reasons.parquet",
            ".regions.parquet",
            ".sizes.parquet",
            ".costs.parquet",
            ".verdicts.parquet",
            *PLAN.of_habitats(".bags.parquet"),
        ),
    log:
        "logs/extract/{shard}.log",
    benchmark:
        "benchmarks/extract/{shard}.tsv"
    conda:
        "../envs/radpred.yaml"
    threads: 1
    resources:
        **PLAN.queue(gpus=PLAN.gpus),
        mem_mb=scaled(2000),
        runtime=scaled(120),
        attempts_left=attempts_left,
    params:
        settings=PLAN.measuring,
    shell:
        "python -m radpred stage extract --study study.json --shard {input.shard}"
        " --masks {input.masks} --output {output.table} --threads {threads}"
        " --attempts-left {resources.attempts_left} > {log} 2>&1"


rule assemble:
    input:
        shards=expand("features/{shard}.parquet", shard=PLAN.shards),
        outcome=PLAN.outcome,
        tables=PLAN.tables,
    output:
        features="features.parquet",
        cohort="cohort.parquet",
        verdicts="verdicts.parquet",
        beside=["reasons.parquet", "regions.parquet", "sizes.parquet", "costs.parquet"],
        bags=PLAN.of_habitats("bags.parquet"),
        agreement="agreement.parquet",
    log:
        "logs/assemble.log",
    benchmark:
        "benchmarks/assemble.tsv"
    conda:
        "../envs/radpred.yaml"
    threads: 1
    resources:
        **PLAN.queue(),
        mem_mb=scaled(2000),
        runtime=scaled(30),
    params:
        settings=relevant("outcome", "tables", "volume_column"),
        dealt_by=PLAN.dealt_by,
    shell:
        "python -m radpred stage assemble --study study.json"
        " --output {output.features} {input.shards} > {log} 2>&1"


rule perturb:
    input:
        shard="shards/{shard}.json",
        masks="segment/{shard}.parquet",
        files=shard_files,
    output:
        table="perturbed/{shard}.parquet",
        beside=multiext("perturbed/{shard}", ".variants.parquet", ".costs.parquet"),
    log:
        "logs/perturb/{shard}.log",
    benchmark:
        "benchmarks/perturb/{shard}.tsv"
    conda:
        "../envs/radpred.yaml"
    threads: 1
    resources:
        **PLAN.queue(gpus=PLAN.gpus),
        mem_mb=scaled(2500),
        runtime=scaled(480),
        attempts_left=attempts_left,
    params:
        settings=relevant(
            "regions", "extraction", "modalities", "lesions", "perturbation"
        ),
        over=PLAN.settings.repeats_over,
    shell:
        "python -m radpred stage perturb --study study.json --shard {input.shard}"
        " --masks {input.masks} --output {output.table} --threads {threads}"
        " --attempts-left {resources.attempts_left} > {log} 2>&1"


rule gather:
    input:
        features="features.parquet",
        shards=expand("perturbed/{shard}.parquet", shard=PLAN.shards),
    output:
        table="perturbed.parquet",
        beside=["variants.parquet", "stability.parquet"],
    log:
        "logs/gather.log",
    benchmark:
        "benchmarks/gather.tsv"
    conda:
        "../envs/radpred.yaml"
    threads: 1
    resources:
        **PLAN.queue(),
        mem_mb=scaled(3000),
        runtime=scaled(30),
    params:
        over=PLAN.settings.repeats_over,
    shell:
        "python -m radpred stage gather --study study.json --features {input.features}"
        " --output {output.table} {input.shards} > {log} 2>&1"
