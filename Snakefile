# `snakemake --configfile study.yaml` at the root of the repository runs a whole study.
include: "workflow/Snakefile"


rule default:
    default_target: True
    input:
        rules.all.input,
    localrule: True
