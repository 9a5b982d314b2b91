"""What rules may read: entities, fields, nomenclatures, scopes, derived fields. All of it is data in ``rulesets/``."""
