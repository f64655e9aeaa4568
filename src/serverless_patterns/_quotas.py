"""AWS quotas and limits with their source, and nothing else."""

from __future__ import annotations

# https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
LAMBDA_MEMORY_MB = range(128, 10_240 + 1)
LAMBDA_TIMEOUT_SECONDS = range(1, 900 + 1)
LAMBDA_ENVIRONMENT_BYTES = 4_096
LAMBDA_LAYERS = 5
LAMBDA_UNZIPPED_BYTES = 250 * 2**20
LAMBDA_POLICY_BYTES = 20 * 2**10
LAMBDA_PAYLOAD_BYTES = 6 * 2**20  # of a synchronous invocation
LAMBDA_CONCURRENCY = 1_000  # of an account in a region, until AWS raises it
# https://docs.aws.amazon.com/lambda/latest/dg/configuration-concurrency.html
LAMBDA_UNRESERVED_CONCURRENCY = 100  # of it stay for functions that reserve none
# https://docs.aws.amazon.com/lambda/latest/dg/scaling-behavior.html
LAMBDA_RAMP_ENVIRONMENTS = 1_000  # of one function, refilled within LAMBDA_RAMP_SECONDS
LAMBDA_RAMP_SECONDS = 10
# https://docs.aws.amazon.com/lambda/latest/dg/lambda-concurrency.html
LAMBDA_REQUESTS_PER_EXECUTION = 10  # a second, of each execution that is allowed at once
# https://docs.aws.amazon.com/autoscaling/application/APIReference/API_PutScheduledAction.html
SCHEDULED_ACTION_NAME = r"(?! )(?=.{1,256}\Z)[^\x00-\x1f\x7f-\x9f:/|]*[^\x00-\x20\x7f-\x9f:/|]"
PROVISIONED_UTILIZATION = (0.1, 0.9)  # what CDK takes of a target

# https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtimes.html
FIRST_PYTHON_ON_AL2023 = 12  # 3.12: glibc 2.34, where Amazon Linux 2 has 2.26

# https://docs.aws.amazon.com/lambda/latest/dg/snapstart.html#snapstart-runtimes
SNAPSTART_EPHEMERAL_STORAGE_MB = 512

# https://docs.aws.amazon.com/lambda/latest/api/API_CreateAlias.html
LAMBDA_ALIAS_NAME = r"(?!\d+\Z)[a-zA-Z0-9-_]{1,128}"

# https://docs.aws.amazon.com/codedeploy/latest/userguide/limits.html
CODEDEPLOY_ALARMS = 50  # of a deployment group, until AWS raises it
CODEDEPLOY_SHIFT_MINUTES = 48 * 60  # from the first step of a release to the last

# https://docs.aws.amazon.com/codedeploy/latest/APIReference/API_TimeBasedCanary.html
CODEDEPLOY_PERCENT = range(1, 99 + 1)  # of the traffic, in a step

# https://docs.aws.amazon.com/lambda/latest/api/API_CreateFunction.html
LAMBDA_HANDLER_LENGTH = 128
LAMBDA_FUNCTION_NAME = r"[a-zA-Z0-9-_]{1,64}"
# https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html
LAMBDA_ENVIRONMENT_NAME = r"[a-zA-Z][a-zA-Z0-9_]+"
# https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html#configuration-envvars-runtime
LAMBDA_RESERVED_ENVIRONMENT = frozenset(
    {
        "_HANDLER",
        "_X_AMZN_TRACE_ID",
        "AWS_DEFAULT_REGION",
        "AWS_REGION",
        "AWS_EXECUTION_ENV",
        "AWS_LAMBDA_FUNCTION_NAME",
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE",
        "AWS_LAMBDA_FUNCTION_VERSION",
        "AWS_LAMBDA_INITIALIZATION_TYPE",
        "AWS_LAMBDA_LOG_GROUP_NAME",
        "AWS_LAMBDA_LOG_STREAM_NAME",
        "AWS_ACCESS_KEY",
        "AWS_ACCESS_KEY_ID",
        "AWS_SECRET_ACCESS_KEY",
        "AWS_SESSION_TOKEN",
        "AWS_LAMBDA_RUNTIME_API",
        "LAMBDA_TASK_ROOT",
        "LAMBDA_RUNTIME_DIR",
    }
)

# https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-quotas.html
HTTP_API_INTEGRATION_TIMEOUT_SECONDS = 30
HTTP_API_INTEGRATIONS = 300  # AWS doesn't raise it
HTTP_API_ROUTES = 300  # until AWS raises it

# https://docs.aws.amazon.com/apigatewayv2/latest/api-reference/apis.html
HTTP_API_NAME_LENGTH = 128
HTTP_API_DESCRIPTION_LENGTH = 1_024
HTTP_API_CORS_MAX_AGE_SECONDS = 86_400

# https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html
CLOUDFORMATION_RESOURCES = 500
CLOUDFORMATION_OUTPUTS = 200  # and as many parameters
CLOUDFORMATION_TEMPLATE_BYTES = 1_000_000

# https://docs.aws.amazon.com/lambda/latest/api/API_Cors.html
FUNCTION_URL_CORS_ITEMS = 100
FUNCTION_URL_CORS_ORIGIN_LENGTH = 253

# https://docs.aws.amazon.com/cloudfront/latest/APIReference/API_CustomOriginConfig.html
CLOUDFRONT_RESPONSE_TIMEOUT_SECONDS = 120

# https://docs.aws.amazon.com/cloudfront/latest/APIReference/API_DistributionConfig.html
CLOUDFRONT_COMMENT_LENGTH = 128

# https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-limits.html
LOAD_BALANCER_RULES = 100  # until AWS raises it
LOAD_BALANCER_TARGET_GROUPS = 100  # AWS doesn't raise it

# https://docs.aws.amazon.com/elasticloadbalancing/latest/application/edit-load-balancer-attributes.html#connection-idle-timeout
LOAD_BALANCER_IDLE_SECONDS = 60

LOAD_BALANCER_IDLE_TIMEOUT_SECONDS = range(1, 4_000 + 1)

# https://docs.aws.amazon.com/elasticloadbalancing/latest/application/lambda-functions.html
LOAD_BALANCER_LAMBDA_BYTES = 2**20  # of a request and of an answer

# https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_TargetGroupTuple.html
TARGET_GROUP_WEIGHTS = range(999 + 1)

# https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_TargetGroupStickinessConfig.html
TARGET_GROUP_STICKINESS_SECONDS = range(1, 604_800 + 1)

# https://docs.aws.amazon.com/elasticloadbalancing/latest/application/edit-target-group-attributes.html
DEREGISTRATION_DELAY_SECONDS = range(3_600 + 1)

# https://docs.aws.amazon.com/elasticloadbalancing/latest/application/target-group-health-checks.html
HEALTH_CHECK_INTERVAL_SECONDS = range(5, 300 + 1)
HEALTH_CHECK_TIMEOUT_SECONDS = range(2, 120 + 1)
HEALTH_CHECK_THRESHOLD = range(2, 10 + 1)

# https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ContainerDefinition.html
ECS_STOP_TIMEOUT_SECONDS = range(2, 120 + 1)  # on Fargate

# https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_CreateService.html
ECS_GRACE_PERIOD_SECONDS = range(2_147_483_647 + 1)

# https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-quotas.html
ECS_TASKS_OF_A_SERVICE = 5_000

# https://docs.aws.amazon.com/AmazonECS/latest/developerguide/fargate-tasks-services.html
FARGATE_MEMORY_MIB = {
    256: (512, 1_024, 2_048),
    512: range(1_024, 4_096 + 1, 1_024),
    1_024: range(2_048, 8_192 + 1, 1_024),
    2_048: range(4_096, 16_384 + 1, 1_024),
    4_096: range(8_192, 30_720 + 1, 1_024),
    8_192: range(16_384, 61_440 + 1, 4_096),
    16_384: range(32_768, 122_880 + 1, 8_192),
}  # by CPU units

# https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_CreateLoadBalancer.html
LOAD_BALANCER_NAME = r"(?!internal-)[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,30}[a-zA-Z0-9])?"

# https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_CreateRule.html
LISTENER_RULE_PRIORITIES = range(1, 50_000 + 1)

# https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_PathPatternConditionConfig.html
LISTENER_RULE_PATTERN_LENGTH = 128

# https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-execution-service-limits-table.html
REST_API_INTEGRATION_TIMEOUT_SECONDS = 29  # until AWS raises it
REST_API_RESOURCES = 300  # until AWS raises it

# https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-queues.html
SQS_MESSAGE_BYTES = 2**20
SQS_RETENTION_SECONDS = range(60, 1_209_600 + 1)
SQS_VISIBILITY_SECONDS = range(43_200 + 1)
SQS_QUEUE_NAME = r"(?=.{1,80}\Z)[a-zA-Z0-9_-]+(\.fifo)?"

# https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-dead-letter-queues.html
SQS_MAX_RECEIVE_COUNT = range(1, 1_000 + 1)

# https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_StartMessageMoveTask.html
SQS_MOVED_PER_SECOND = range(1, 500 + 1)

# https://docs.aws.amazon.com/lambda/latest/api/API_CreateEventSourceMapping.html
SQS_BATCH_SIZE = range(1, 10_000 + 1)
SQS_FIFO_BATCH_SIZE = range(1, 10 + 1)
STREAM_BATCH_SIZE = range(1, 10_000 + 1)
BATCHING_WINDOW_SECONDS = range(300 + 1)
TUMBLING_WINDOW_SECONDS = range(900 + 1)
PARALLELIZATION_FACTOR = range(1, 10 + 1)
STREAM_RETRY_ATTEMPTS = range(10_000 + 1)
STREAM_RECORD_AGE_SECONDS = range(60, 604_800 + 1)

# https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Streams.html
DYNAMODB_STREAM_READERS = 2  # of a shard, at one time
STREAM_RETENTION_HOURS = 24  # that of a table's stream, and the least of Kinesis

# https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-scaling.html
SQS_MAX_CONCURRENCY = range(2, 1_000 + 1)
SQS_INVOCATIONS_PER_POLLER = 10  # at once, in provisioned mode

# https://docs.aws.amazon.com/streams/latest/dev/how-do-i-size-a-stream.html
KINESIS_ON_DEMAND_SHARDS = 4  # of a new stream, which gets more as it grows

# https://docs.aws.amazon.com/lambda/latest/api/API_ProvisionedPollerConfig.html
SQS_MINIMUM_POLLERS = range(2, 200 + 1)
SQS_MAXIMUM_POLLERS = range(2, 10_000 + 1)

# https://docs.aws.amazon.com/lambda/latest/api/API_PutFunctionEventInvokeConfig.html
ASYNC_RETRY_ATTEMPTS = range(2 + 1)
ASYNC_EVENT_AGE_SECONDS = range(60, 21_600 + 1)
# https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html
ASYNC_RETRY_WAITS_SECONDS = (60, 120)

# https://docs.aws.amazon.com/sns/latest/dg/subscription-filter-policy-constraints.html
SNS_FILTER_KEYS = 5
SNS_FILTER_COMBINATIONS = 150

# https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_RetryPolicy.html
EVENT_BRIDGE_RETRY_ATTEMPTS = range(185 + 1)
EVENT_BRIDGE_EVENT_AGE_SECONDS = range(60, 86_400 + 1)

# https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutRule.html
EVENT_PATTERN_LENGTH = 4_096

# https://docs.aws.amazon.com/lambda/latest/dg/invocation-eventfiltering.html
FILTERS = 5  # until AWS raises it to 10
# https://docs.aws.amazon.com/lambda/latest/api/API_Filter.html
FILTER_LENGTH = 4_096

# https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/ServiceQuotas.html
DYNAMODB_KEY_NAME_BYTES = range(1, 255 + 1)

# https://docs.aws.amazon.com/appconfig/2019-10-09/APIReference/API_CreateDeploymentStrategy.html
APPCONFIG_GROWTH_FACTOR = (1, 100)
APPCONFIG_MINUTES = range(1_440 + 1)

# https://docs.aws.amazon.com/appconfig/2019-10-09/APIReference/API_CreateEnvironment.html
APPCONFIG_MONITORS = 5

# https://docs.aws.amazon.com/appconfig/2019-10-09/APIReference/API_Validator.html
APPCONFIG_SCHEMA_LENGTH = 32_768

# https://docs.aws.amazon.com/appconfig/2019-10-09/APIReference/API_appconfigdata_StartConfigurationSession.html
APPCONFIG_POLL_SECONDS = range(1, 86_400 + 1)

# https://docs.aws.amazon.com/systems-manager/latest/userguide/ps-integration-lambda-extensions.html
PARAMETERS_TTL_SECONDS = range(300 + 1)
PARAMETERS_CACHE_SIZE = range(1_000 + 1)
