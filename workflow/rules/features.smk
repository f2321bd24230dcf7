rule segment:
    input:
        shard="shards/{shard}.json",
        files=shard_files,
    output:
        table="segment/{shard}.parquet",
        verdicts="segment/{shard}.verdicts.parquet",
        agreement="segment/{shard}.agreement.parquet",
    log:
        "logs/segment/{shard}.log",
    conda:
        "../envs/radpred.yaml"
    threads: 1
    resources:
        mem_mb=scaled(1500),
        runtime=scaled(60),
    params:
        settings=relevant(*PLAN.masking),
    shell:
        "python -m radpred stage segment --study study.json --shard {input.shard}"
        " --output {output.table} > {log} 2>&1"


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
    conda:
        "../envs/radpred.yaml"
    threads: 1
    resources:
        mem_mb=scaled(2000),
        runtime=scaled(120),
        gpu=PLAN.gpus,
    params:
        settings=PLAN.measuring,
    shell:
        "python -m radpred stage extract --study study.json --shard {input.shard}"
        " --masks {input.masks} --output {output.table} --threads {threads} > {log} 2>&1"


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
    conda:
        "../envs/radpred.yaml"
    threads: 1
    resources:
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
        beside="perturbed/{shard}.variants.parquet",
    log:
        "logs/perturb/{shard}.log",
    conda:
        "../envs/radpred.yaml"
    threads: 1
    resources:
        mem_mb=scaled(2500),
        runtime=scaled(480),
        gpu=PLAN.gpus,
    params:
        settings=relevant(
            "regions", "extraction", "modalities", "lesions", "perturbation"
        ),
        over=PLAN.settings.repeats_over,
    shell:
        "python -m radpred stage perturb --study study.json --shard {input.shard}"
        " --masks {input.masks} --output {output.table} --threads {threads} > {log} 2>&1"


rule gather:
    input:
        features="features.parquet",
        shards=expand("perturbed/{shard}.parquet", shard=PLAN.shards),
    output:
        table="perturbed.parquet",
        beside=["variants.parquet", "stability.parquet"],
    log:
        "logs/gather.log",
    conda:
        "../envs/radpred.yaml"
    threads: 1
    resources:
        mem_mb=scaled(3000),
        runtime=scaled(30),
    params:
        over=PLAN.settings.repeats_over,
    shell:
        "python -m radpred stage gather --study study.json --features {input.features}"
        " --output {output.table} {input.shards} > {log} 2>&1"
