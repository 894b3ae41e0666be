"""The pages of responsibility: the way of a case, findings and appeals, where cases stick."""
