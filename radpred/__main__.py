"""`python -m radpred` is the command `radpred`."""

from radpred.cli import main

if __name__ == "__main__":
    main()
